/** What a person at a terminal sees: the answer on stdout, progress and notes on stderr. */

/** The two streams, as far as they are needed; a test passes its own. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export interface Terminal {
  /** A piece of the answer, or a whole line of a result. */
  say(text: string): void;
  /** A piece of the model's thoughts: on stderr, dim where a person looks at it. */
  think(text: string): void;
  /** Begins a new line on stdout unless there is one. */
  endLine(): void;
  /** Progress: one line that is written over, and only where a person looks at it. */
  showStatus(line: string): void;
  clearStatus(): void;
  /** A line worth keeping, on stderr. */
  note(line: string): void;
}

/**
 * A terminal is steered by control characters; neither text that a model read from a stranger's picture nor a note in a
 * stranger's model folder must steer it.
 */
const controlCharacters = /(?![\n\t])\p{Cc}/gu;

function shown(text: string, output: Output): string {
  return output.isTTY ? text.replaceAll(controlCharacters, '') : text;
}

export function createTerminal(stdout: Output, stderr: Output): Terminal {
  let hasStatus = false;
  let isMidLine = false;
  let isMidThought = false;
  const clearStatus = () => {
    if (hasStatus) stderr.write('\r\u001b[K');
    if (isMidThought) stderr.write('\n');
    hasStatus = false;
    isMidThought = false;
  };
  return {
    say(text) {
      if (text === '') return;
      clearStatus();
      stdout.write(shown(text, stdout));
      isMidLine = !text.endsWith('\n');
    },
    think(text) {
      if (text === '') return;
      if (!isMidThought) clearStatus();
      const plain = shown(text, stderr);
      stderr.write(stderr.isTTY ? `\u001b[2m${plain}\u001b[22m` : plain);
      isMidThought = !text.endsWith('\n');
    },
    endLine() {
      if (isMidLine) stdout.write('\n');
      isMidLine = false;
    },
    showStatus(line) {
      if (!stderr.isTTY || isMidThought) return;
      stderr.write(`\r\u001b[K${shown(line.replaceAll(/[\n\t]/g, ' '), stderr)}`);
      hasStatus = true;
    },
    clearStatus,
    note(line) {
      clearStatus();
      stderr.write(`${shown(line, stderr)}\n`);
    },
  };
}
