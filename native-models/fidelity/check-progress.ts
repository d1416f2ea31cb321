/** How far a check is: runs of one stage over one tile or sequence, counted for each of its parts. */

export type CheckPart = 'vision' | 'vision-fallbacks' | 'text' | 'text-fallbacks';

export interface CheckProgress {
  part: CheckPart;
  done: number;
  /** Of this part; a search may end earlier. */
  total: number;
}

/** Begins a part of so many runs and gives what is to be called after each. */
export type ProgressOf = (part: CheckPart, total: number) => () => void;

export function createProgress(onProgress: (progress: CheckProgress) => void): ProgressOf {
  return (part, total) => {
    let done = 0;
    onProgress({ part, done, total });
    return () => {
      done = Math.min(done + 1, total);
      onProgress({ part, done, total });
    };
  };
}
