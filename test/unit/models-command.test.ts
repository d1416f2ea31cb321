/** The words of `models` on the command line. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { parseModels } from '../../main/cli/models/parse-models.ts';

test('each command is read with its options', () => {
  assert.deepEqual(parseModels(['list', '--json']), { kind: 'models', action: 'list', json: true });
  assert.deepEqual(parseModels(['get', 'a/b', '--precision', 'int8', '--keep', '--limit', '2.5']), {
    kind: 'models',
    action: 'get',
    json: false,
    repository: 'a/b',
    precision: 'int8',
    keep: true,
    bytesPerSecond: 2_500_000,
  });
  assert.deepEqual(parseModels(['check', 'm', '--checkpoint', 'c', 'a.png']), {
    kind: 'models',
    action: 'check',
    json: false,
    id: 'm',
    files: false,
    checkpoint: 'c',
    samples: ['a.png'],
  });
  assert.deepEqual(parseModels(['repair', 'm', '--from', 'c']), {
    kind: 'models',
    action: 'repair',
    json: false,
    id: 'm',
    from: 'c',
  });
  for (const action of ['repair', 'remove', 'check'] as const) {
    const named = parseModels([
      action,
      'InternVL3-1B',
      '--precision',
      'int8',
      ...(action === 'check' ? ['--files'] : []),
    ]);
    assert.ok(named && 'id' in named);
    assert.equal(named.id, 'InternVL3-1B-int8', `${action}: the name that convert gives`);
  }
  assert.equal(parseModels(['get', '--help']), null);
});

test('what can’t be meant is refused with a sentence that names it', () => {
  for (const [args, words] of [
    [[], /list, get, import/],
    [['get'], /one argument/],
    [['remove', 'a', 'b'], /one argument/],
    [['get', 'a/b', '--precision', 'int2'], /--precision/],
    [['get', 'a/b', '--limit', '0'], /--limit/],
    [['remove', 'm', '--precision', 'int2'], /--precision/],
    [['check', 'm'], /--files/],
    [['check', 'm', '--files', '--checkpoint', 'c'], /--files/],
    [['list', '--wrong'], /--help/],
  ] as const)
    assert.throws(() => parseModels([...args]), { code: 'invalid_request', message: words });
});
