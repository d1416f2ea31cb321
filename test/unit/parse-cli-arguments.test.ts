/** The command line: what is understood, what is refused, and with which words. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AskCommand, parseArguments, usage, wantsJson } from '../../main/cli/parse-arguments.ts';
import { parseServe } from '../../main/cli/parse-serve.ts';
import { parseStart } from '../../main/cli/start/parse-start.ts';
import { AppError } from '../../preload/contract/errors.ts';

const ask = (...args: string[]) => parseArguments(['ask', ...args]) as AskCommand;
const refused = (message: RegExp) => ({ code: 'invalid_request', message });

describe('ask', () => {
  it('takes the last argument as the question and has defaults for all else', () => {
    assert.deepEqual(ask('What is this?'), {
      kind: 'ask',
      files: [],
      question: 'What is this?',
      model: null,
      precision: null,
      devices: 'auto',
      maxTiles: null,
      asReference: false,
      frames: 8,
      scenes: false,
      password: null,
      system: null,
      thinking: false,
      positionStep: 'auto',
      generation: {},
      candidates: null,
      critic: null,
      json: false,
    });
    assert.deepEqual(ask('a.png', 'b.jpg', 'Compare.').files, ['a.png', 'b.jpg']);
  });

  it('takes every option', () => {
    const command = ask(
      ...[
        '--thinking',
        '--v2pe',
        '1/16',
        '--model',
        'models/1b',
        '--precision',
        'fp16',
        '--device',
        'cpu',
        '--max-tiles',
        '6',
        '--as-reference',
        '--frames',
        '32',
        '--scenes',
        '--password',
        'sesame',
      ],
      ...[
        '--system',
        '',
        '--max-new-tokens',
        '64',
        '--temperature',
        '0.7',
        '--top-k',
        '40',
        '--top-p',
        '0.95',
      ],
      ...['--min-p', '.05', '--repetition-penalty', '1.1', '--seed', '7', '--json', 'a.png', 'What?'],
    );
    assert.deepEqual(command, {
      kind: 'ask',
      files: ['a.png'],
      question: 'What?',
      model: 'models/1b',
      precision: 'fp16',
      devices: ['cpu'],
      maxTiles: 6,
      asReference: true,
      frames: 32,
      scenes: true,
      password: 'sesame',
      system: '',
      thinking: true,
      positionStep: 1 / 16,
      generation: {
        maxNewTokens: 64,
        temperature: 0.7,
        topK: 40,
        topP: 0.95,
        minP: 0.05,
        repetitionPenalty: 1.1,
        seed: 7,
      },
      candidates: null,
      critic: null,
      json: true,
    });
  });

  it('places visual tokens at steps the paper trains with, and at no others', () => {
    assert.equal(ask('--v2pe', '1', 'a.png', 'What?').positionStep, 1);
    for (const step of ['1/3', '0', '2', '0.5', 'half'])
      assert.throws(() => ask('--v2pe', step, 'a.png', 'What?'), refused(/--v2pe is one of/));
  });

  it('takes options before, between and after, and = as well as a space', () => {
    assert.equal(ask('a.png', '--max-tiles=4', 'What?', '--json').maxTiles, 4);
    assert.equal(ask('a.png', 'What?', '--json').question, 'What?');
  });

  it('takes anything behind -- as it stands', () => {
    assert.equal(ask('--', '--json').question, '--json');
    assert.deepEqual(ask('--json', '--', 'a.png', '-5 + 3?').question, '-5 + 3?');
  });

  it('refuses a missing or empty question', () => {
    for (const args of [[], ['--json'], [''], ['a.png', '  ']]) {
      assert.throws(() => ask(...args), refused(/no question/));
    }
  });

  it('refuses numbers out of their range, and what is no number, naming the option', () => {
    const bad: Record<string, string[]> = {
      'max-tiles': ['0', '41', '1.5', 'many', '', '0x10', '1e1000', 'NaN', 'Infinity', ' 3'],
      'max-new-tokens': ['0', '-1', '2.5'],
      temperature: ['-0.1', '101', 'hot'],
      'top-k': ['-1', '0.5'],
      'top-p': ['0', '1.01', '-1'],
      'min-p': ['-0.1', '1.1'],
      'repetition-penalty': ['0', '-2', '101'],
      seed: ['-1', '1.5', '9007199254740993'],
    };
    for (const [name, texts] of Object.entries(bad)) {
      for (const text of texts) {
        assert.throws(
          () => ask(`--${name}=${text}`, 'What?'),
          refused(new RegExp(`--${name}`)),
          `${name} ${text}`,
        );
      }
    }
    assert.throws(() => ask('--precision', 'int2', 'What?'), refused(/fp32, fp16, int8, int4/));
    for (const devices of [
      'gpu',
      'cpu,',
      'cuda:0;cuda:1',
      'webgpu:1',
      'auto,cpu',
      Array(9).fill('cpu').join(),
    ])
      assert.throws(() => ask('--device', devices, 'What?'), refused(/device/), devices);
  });

  it('refuses unknown options and missing values with a sentence', () => {
    assert.throws(() => ask('--tiles', '3', 'What?'), refused(/--tiles.*--help/));
    assert.throws(() => ask('What?', '--model'), refused(/--model/));
    assert.throws(() => ask('--json=yes', 'What?'), refused(/--json/));
  });
});

describe('convert', () => {
  it('takes two folders and a precision', () => {
    const command = parseArguments(['convert', 'in', 'out', '--precision', 'int8']);
    assert.deepEqual(command, { kind: 'convert', checkpoint: 'in', out: 'out', precision: 'int8' });
    assert.deepEqual(parseArguments(['convert', 'in', 'out']), { ...command, precision: 'int4' });
  });

  it('refuses more or fewer', () => {
    for (const folders of [[], ['in'], ['in', 'out', 'more'], ['in', '']]) {
      assert.throws(() => parseArguments(['convert', ...folders]), refused(/two folders/));
    }
  });
});

describe('serve and start', () => {
  it('take a port and nothing that is no port', () => {
    assert.deepEqual(parseServe([]), { port: 23_333, allowedOrigins: [], devices: 'auto' });
    assert.equal(parseServe(['--server-port', '0'])?.port, 0);
    assert.equal(parseStart(['--headless', '--port', '4000']).port, 4000);
    for (const port of ['65536', '-1', '1.5', '', 'http', '0x50']) {
      assert.throws(() => parseServe([`--server-port=${port}`]), refused(/--server-port is a whole number/));
      assert.throws(() => parseStart([`--port=${port}`]), refused(/--port is a whole number/));
    }
  });

  it('refuse unknown options and what is no option in the words of all commands', () => {
    for (const parse of [parseServe, parseStart])
      assert.throws(() => parse(['--nonsense']), refused(/not understood.*--nonsense.*--help/));
    assert.throws(() => parseServe(['4000']), refused(/options only, not "4000"/));
    assert.deepEqual(parseStart(['a.png']).open, ['a.png']);
    assert.equal(parseServe(['--help']), null);
  });
});

describe('the command line', () => {
  it('shows its help when asked, or when nothing is asked', () => {
    for (const args of [[], ['help'], ['--help'], ['-h'], ['ask', '--help'], ['convert', '-h']]) {
      assert.deepEqual(parseArguments(args), { kind: 'help' });
    }
    assert.throws(() => parseArguments(['chat']), refused(/no command "chat"/));
  });

  it('names every option in its help', () => {
    const options = usage.match(/--[a-z][a-z0-9-]*/g) ?? [];
    assert.ok(options.length >= 14);
    for (const option of new Set(options)) {
      const plain = ['--as-reference', '--json', '--help'].includes(option) ? [option] : [option, '1'];
      const value = { '--precision': 'int4', '--device': 'cpu', '--candidates': '2' }[option];
      const beside = option === '--critic' ? ['--candidates', '2'] : [];
      assert.doesNotThrow(
        () => parseArguments(['ask', ...beside, ...(value ? [option, value] : plain), 'What?']),
        option,
      );
    }
  });

  it('knows whether JSON is wanted even when it understands nothing else', () => {
    assert.equal(wantsJson(['ask', '--nonsense', '--json']), true);
    assert.equal(wantsJson(['ask', '--', '--json']), false);
    assert.equal(wantsJson(['ask', 'json']), false);
  });

  it('answers any arguments with a command or a sentence, never with anything else', () => {
    const argument = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'ask',
        'convert',
        '--',
        '-',
        '--json',
        '--model',
        '--seed=1',
        '--top-k',
        '-5',
        '--__proto__',
      ),
    );
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 8 }), (args) => {
        try {
          assert.ok(['ask', 'convert', 'help'].includes(parseArguments(args).kind));
        } catch (error) {
          assert.ok(error instanceof AppError);
          assert.equal(error.code, 'invalid_request');
        }
      }),
      { seed: 20261123, numRuns: 2000 },
    );
  });
});
