/** The unpacked app, made by `npm run package -- --dir` around the stand-in: what is inside, its fuses, and that it answers. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { answerSample } from '../../../main/cli/start/answer-sample.ts';
import { startAppHost } from '../../../main/hosts/app-host.ts';
import { headlessShell } from '../../../main/hosts/headless-shell.ts';
import { spawnNodeChild } from '../../../main/supervisor/spawn-node-child.ts';
import { findStandIn, programName } from '../../support/electron-22/find-stand-in.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const standIn = findStandIn();

describe('the packed app', { skip: !standIn && 'there is no Electron here' }, () => {
  if (!standIn) return;
  const folder = mkdtempSync(join(tmpdir(), 'internvl-package-'));
  const packed = join(folder, 'out', 'linux-unpacked');
  let told = '';

  before(() => {
    const dist = join(folder, 'electron');
    cpSync(standIn.folder, dist, {
      recursive: true,
      // What the other specs put beside its resources is not Electron's.
      filter: (path) => !/resources\/(app|assets)$/.test(path),
    });
    renameSync(join(dist, programName), join(dist, 'electron'));
    const config = join(folder, 'electron-builder.yml');
    const newerFuse = /^ {2}grantFileProtocolExtraPrivileges: false\n/m;
    const whole = readFileSync(join(root, 'electron-builder.yml'), 'utf8');
    assert.match(whole, newerFuse);
    writeFileSync(config, whole.replace(newerFuse, ''));
    const options = [`-c.electronDist=${dist}`, `-c.directories.output=${join(folder, 'out')}`];
    told = execFileSync(
      'npm',
      ['run', '--silent', 'package', '--', '--dir', '--config', config, ...options],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    ).toString();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps to its budget and holds only its own system’s binaries', () => {
    assert.match(told, /own size of linux-x64: \d+ MB of \d+/);
    const files = execFileSync('find', [join(packed, 'resources'), '-name', '*.node']).toString();
    const native = files.trim().split('\n');
    assert.equal(native.length, 2, `better-sqlite3 and onnxruntime: ${native.join(' ')}`);
    assert.ok(native.every((file) => file.includes('app.asar.unpacked')));
  });

  it('has the fuses that were decided on, read back from the program', async () => {
    const program = join(packed, 'internvl-desktop');
    const wire = await getCurrentFuseWire(program);
    const states = (at: typeof wire) => [
      at[FuseV1Options.RunAsNode],
      at[FuseV1Options.EnableCookieEncryption],
      at[FuseV1Options.EnableNodeOptionsEnvironmentVariable],
      at[FuseV1Options.EnableNodeCliInspectArguments],
      at[FuseV1Options.EnableEmbeddedAsarIntegrityValidation],
      at[FuseV1Options.OnlyLoadAppFromAsar],
    ];
    const { ENABLE: on, DISABLE: off } = FuseState;
    assert.deepEqual(states(wire), [off, on, off, off, on, on]);
    const before = states(await getCurrentFuseWire(standIn.program));
    assert.deepEqual(before, [on, off, on, on, off, off], 'the program came with others (negative control)');
  });

  // The stand-in's own Node is too old for the children, so the test's Node runs them, with nothing but the package's files.
  it('answers the sample with the packed children, decoders and native modules', async () => {
    const resources = join(packed, 'resources');
    const child = (name: string) => join(resources, 'app.asar.unpacked', 'dist', 'children', `${name}.mjs`);
    const profileFolder = join(folder, 'profile');
    const host = startAppHost({
      spawn: spawnNodeChild,
      files: {
        service: child('service'),
        engine: child('engine'),
        media: child('media'),
        probe: child('probe'),
        convert: child('convert'),
      },
      profileFolder,
      assetsFolder: join(resources, 'assets'),
      version: '0.1.0',
      shell: headlessShell(profileFolder),
    });
    const said: string[] = [];
    const keep = (text: string) => void said.push(text);
    const terminal = {
      say: keep,
      note: keep,
      think() {},
      showStatus() {},
      clearStatus() {},
      endLine() {},
    };
    try {
      await answerSample(host, { terminal, signal: new AbortController().signal });
    } finally {
      await host.shutdown();
    }
    assert.match(said.join(''), /84\.78/);
  });
});
