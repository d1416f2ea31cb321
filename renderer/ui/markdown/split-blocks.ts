/** Cuts Markdown into blocks that can be shown apart, so that a growing answer is parsed anew in its last block only. */

const fence = /^ {0,3}(`{3,}|~{3,})/;
const listItem = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;

/**
 * Blocks in order; joined by a blank line they are the text again. Cut only at blank lines outside fences and formulae,
 * and never inside a list, where what is indented belongs to the item before.
 */
export function splitBlocks(text: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let openFence: string | null = null;
  let isInFormula = false;
  let isInList = false;
  const seal = () => {
    if (lines.length > 0) blocks.push(lines.join('\n'));
    lines = [];
    isInList = false;
  };
  const all = text.split('\n');
  for (const [at, line] of all.entries()) {
    const mark = fence.exec(line)?.[1];
    if (openFence === null && mark) openFence = mark;
    else if (openFence !== null && mark?.startsWith(openFence) && line.trim() === mark) openFence = null;
    if (openFence === null && !mark && line.trim() === '$$') isInFormula = !isInFormula;
    const isBlank = line.trim() === '' && openFence === null && !isInFormula;
    if (!isBlank) {
      lines.push(line);
      if (openFence === null && listItem.test(line)) isInList = true;
      continue;
    }
    const next = all[at + 1] ?? '';
    const continuesList = isInList && (next.trim() === '' || /^\s/.test(next) || listItem.test(next));
    if (continuesList) lines.push(line);
    else seal();
  }
  seal();
  return blocks;
}
