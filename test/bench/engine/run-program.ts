/** Runs a program to its end and gives what it printed. */
import { execFile } from 'node:child_process';

export interface Printed {
  stdout: string;
  stderr: string;
}

/** @throws Error with the program's last words where it fails */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Printed> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { maxBuffer: 256 * 1024 * 1024, ...options }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${file} failed: ${stderr.slice(-2000)}`, { cause: error }));
      else resolve({ stdout, stderr });
    });
  });
}
