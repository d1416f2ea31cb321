/** The pure parts of shown Markdown: blocks, links, tables. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readLink } from '../../renderer/ui/markdown/safe-link.ts';
import { splitBlocks } from '../../renderer/ui/markdown/split-blocks.ts';
import { toCsv, toMarkdown, toTsv } from '../../renderer/ui/markdown/table-text.ts';

test('blocks end at blank lines outside fences, formulae and lists', () => {
  assert.deepEqual(splitBlocks('one\n\ntwo'), ['one', 'two']);
  assert.deepEqual(splitBlocks('```\na\n\nb\n```\n\nc'), ['```\na\n\nb\n```', 'c']);
  assert.deepEqual(splitBlocks('$$\na\n\nb\n$$\n\nc'), ['$$\na\n\nb\n$$', 'c']);
  assert.deepEqual(splitBlocks('1. a\n\n2. b\n\n   more\n\nc'), ['1. a\n\n2. b\n\n   more', 'c']);
  assert.deepEqual(splitBlocks('````\n```\n\n````\n\nx'), ['````\n```\n\n````', 'x']);
});

test('a growing text changes nothing but its last two blocks', () => {
  const line = fc.constantFrom('a', '', '```', '- x', '  y', '$$', '| a |', '1. z', '~~~');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.array(line, { maxLength: 5 }), (lines, more) => {
      const before = splitBlocks(lines.join('\n'));
      const after = splitBlocks([...lines, ...more].join('\n'));
      assert.deepEqual(after.slice(0, Math.max(0, before.length - 1)), before.slice(0, -1));
    }),
    { seed: 5, numRuns: 500 },
  );
});

test('no word of a text is lost by cutting it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\n', ' ', '`', '-', '$') }), (text) => {
      const words = (from: string) => from.replaceAll(/\s/g, '');
      assert.equal(words(splitBlocks(text).join('')), words(text));
    }),
    { seed: 6, numRuns: 500 },
  );
});

test('only https, http and mailto are links, and none carries a user name', () => {
  for (const href of [
    ...[
      'javascript:alert(1)',
      'JaVaScRiPt:x',
      'java\tscript:x',
      ' javascript:x',
      'data:text/html,x',
      'vbscript:x',
    ],
    ...[
      'file:///etc/passwd',
      'smb://host/x',
      '\\\\host\\x',
      'ms-msdt:/id',
      'calculator:',
      'blob:https://a/b',
    ],
    ...[
      'https://good.test@evil.test/',
      'ftp://x',
      'about:blank',
      'relative',
      '//host/x',
      '#x',
      '',
      'https://',
    ],
  ]) {
    assert.equal(readLink(href), null, href);
  }
  assert.deepEqual(readLink('https://bücher.example/a'), {
    url: 'https://xn--bcher-kva.example/a',
    host: 'xn--bcher-kva.example',
  });
  assert.equal(readLink('mailto:a@b.example')?.host, 'a@b.example');
});

test('a table is copied so that every program reads the same cells and none a formula', () => {
  const cells = [
    ['a', 'b|c'],
    ['1,5', 'say "x"'],
    ['=SUM(A1)', '-3'],
  ];
  assert.equal(toCsv(cells), 'a,b|c\r\n"1,5","say ""x"""\r\n\'=SUM(A1),-3');
  assert.equal(toTsv(cells), 'a\tb|c\n1,5\tsay "x"\n\'=SUM(A1)\t-3');
  assert.equal(toMarkdown(cells).split('\n')[0], '| a | b\\|c |');
});
