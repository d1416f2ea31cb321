/** Has Apple notarise the signed app where its credentials are given (APPLE_ID, APPLE_APP_SPECIFIC_PASSWORD, APPLE_TEAM_ID). */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { AfterPackContext } from 'electron-builder';

export default function notarise(context: AfterPackContext): void {
  if (context.electronPlatformName !== 'darwin') return;
  const { APPLE_ID, APPLE_APP_SPECIFIC_PASSWORD, APPLE_TEAM_ID } = process.env;
  if (!APPLE_ID || !APPLE_APP_SPECIFIC_PASSWORD || !APPLE_TEAM_ID) {
    console.log('  • not notarised: no credentials of Apple are given');
    return;
  }
  const app = join(context.appOutDir, `${context.packager.appInfo.productFilename}.app`);
  const archive = `${app}.zip`;
  execFileSync('ditto', ['-c', '-k', '--keepParent', app, archive]);
  const who = ['--apple-id', APPLE_ID, '--password', APPLE_APP_SPECIFIC_PASSWORD, '--team-id', APPLE_TEAM_ID];
  execFileSync('xcrun', ['notarytool', 'submit', archive, ...who, '--wait'], { stdio: 'inherit' });
  execFileSync('xcrun', ['stapler', 'staple', app], { stdio: 'inherit' });
}
