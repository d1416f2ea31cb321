/** A minute of 1080p film for the benchmark, made once with the machine's ffmpeg: it is too large to keep in the repository. */
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Moving shapes under grain, about 8 Mbit/s.
 * @param keyEvery frames from one key frame to the next
 * @returns its path, or null where there is no ffmpeg with libx264
 */
export function makeBenchFilm(keyEvery: number): string | null {
  const path = join(tmpdir(), `internvl-bench-film-${keyEvery}.mp4`);
  if (existsSync(path)) return path;
  const unfinished = `${path}.part.mp4`;
  const shown = 'testsrc2=s=1920x1080:r=30:d=60,noise=alls=6:allf=t,format=yuv420p';
  const stored = ['-c:v', 'libx264', '-preset', 'veryfast', '-b:v', '8M', '-bf', '2', '-g', `${keyEvery}`];
  const made = spawnSync(
    'ffmpeg',
    ['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', shown, ...stored, unfinished],
    { stdio: 'ignore' },
  );
  if (made.status !== 0) return null;
  renameSync(unfinished, path);
  return path;
}
