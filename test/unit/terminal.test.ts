import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createTerminal } from '../../main/cli/terminal.ts';

/** Sets the window's title, moves the cursor, wipes the screen: by escape sequences, C1 codes and lone characters. */
const hostile = 'a\u001b]0;title\u0007b\u009b2Jc\r\bd\u007fe\u0000f';

function fakeOutput(isTTY: boolean) {
  const output = { isTTY, written: '', write: (text: string) => (output.written += text) };
  return output;
}

test('neither a note nor a status line steers the terminal', () => {
  const screen = fakeOutput(true);
  const terminal = createTerminal(fakeOutput(true), screen);
  terminal.note(hostile);
  assert.equal(screen.written, 'a]0;titleb2Jcdef\n');
  screen.written = '';
  terminal.showStatus(hostile);
  assert.equal(screen.written, '\r\u001b[Ka]0;titleb2Jcdef');
});

test('a note into a file stays as it is', () => {
  const file = fakeOutput(false);
  createTerminal(fakeOutput(true), file).note(hostile);
  assert.equal(file.written, `${hostile}\n`);
});

test('thoughts go to stderr, dim on a screen and plain in a file, and what follows begins a new line', () => {
  const [screen, file] = [fakeOutput(true), fakeOutput(false)];
  for (const stderr of [screen, file]) {
    const terminal = createTerminal(fakeOutput(true), stderr);
    terminal.think('two ');
    terminal.think('and\u001b[2J');
    terminal.note('done');
  }
  assert.equal(screen.written, '\u001b[2mtwo \u001b[22m\u001b[2mand[2J\u001b[22m\ndone\n');
  assert.equal(file.written, 'two and\u001b[2J\ndone\n');
});

test('a status stays one line, whatever a file is called', () => {
  const screen = fakeOutput(true);
  createTerminal(fakeOutput(true), screen).showStatus('Reading a\nb\tc.png…');
  assert.equal(screen.written, '\r\u001b[KReading a b c.png…');
});

test('of any text only the terminal’s own two sequences reach a screen', () => {
  const control = /(?![\n\t])\p{Cc}/u;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('say', 'note', 'status'), fc.string({ unit: 'binary' }))),
      (lines) => {
        const [stdout, stderr] = [fakeOutput(true), fakeOutput(true)];
        const terminal = createTerminal(stdout, stderr);
        for (const [how, text] of lines) {
          if (how === 'say') terminal.say(text);
          else if (how === 'note') terminal.note(text);
          else terminal.showStatus(text);
        }
        assert.doesNotMatch(stdout.written, control);
        assert.doesNotMatch(stderr.written.replaceAll('\r\u001b[K', ''), control);
      },
    ),
    { seed: 3, numRuns: 300 },
  );
});
