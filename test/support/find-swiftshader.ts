/** A graphics adapter without a graphics card: SwiftShader of Debian's chromium package, which WebGPU finds through Vulkan. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The loader's description of SwiftShader's driver, or null. `test/set-up.ts` installs the package where it may. */
function findSwiftShader(): string | null {
  if (process.platform !== 'linux') return null;
  const known = ['/usr/lib/chromium/vk_swiftshader_icd.json'];
  return [...known, ...listedFiles()].find((file) => file.endsWith('_icd.json') && existsSync(file)) ?? null;
}

/** What Debian's packages of Chromium brought along. */
function listedFiles(): string[] {
  try {
    return execFileSync('dpkg', ['-L', 'chromium', 'chromium-common'], { encoding: 'utf8', stdio: 'pipe' })
      .split('\n')
      .filter((line) => line.includes('swiftshader'));
  } catch {
    return []; // no dpkg, or no such package
  }
}

const driver = findSwiftShader();

/** For `skip`: false where SwiftShader is there, and then this process's WebGPU uses it. */
export const noSwiftShader: string | false = driver
  ? false
  : 'SwiftShader is not here: install Debian’s chromium (node test/set-up.ts)';

if (driver) process.env.VK_ICD_FILENAMES = driver;
