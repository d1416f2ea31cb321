/** Memory of a process with all that it started, from Linux's /proc: each page counts once, shared ones by their share. */
import { readdirSync, readFileSync } from 'node:fs';

/** Proportional set size in bytes; processes that end meanwhile count as nothing. */
export function treeBytes(rootPid: number): number {
  const children = Map.groupBy(processes(), ({ parentPid }) => parentPid);
  const sum = (pid: number): number =>
    ownBytes(pid) + (children.get(pid) ?? []).reduce((total, child) => total + sum(child.pid), 0);
  return sum(rootPid);
}

function processes(): { pid: number; parentPid: number }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`);
      // The name stands in parentheses and may hold anything; state and parent follow the last one.
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return parent === undefined ? [] : [{ pid: Number(name), parentPid: Number(parent) }];
    });
}

function ownBytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? '0';
  return 1024 * Number(kilobytes);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
