/** Exports that are not what they say: each a change of a tiny one's embed_tokens graph, and how it must be refused. */
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppErrorCode } from '../../preload/contract/errors.ts';
import { type PlainModel, readPlainModel, writePlainModel } from './tiny-export.ts';

export const attackedGraph = 'embed_tokens.onnx';
const data = 'embed_tokens.onnx_data';

/** What lies outside of the export and must never come out of it. */
export const secretFloat = 1234.5;

export interface HostileExport {
  what: string;
  code: AppErrorCode;
  change: (onnx: string) => void;
}

/** Puts a file of secret floats beside the export's folder. */
export function writeSecret(onnx: string): string {
  const path = join(onnx, '..', '..', 'secret.bin');
  writeFileSync(path, new Uint8Array(new Float32Array(200_000).fill(secretFloat).buffer));
  return path;
}

const changed =
  (edit: (model: PlainModel) => void) =>
  (onnx: string): void => {
    const path = join(onnx, attackedGraph);
    const model = readPlainModel(readFileSync(path));
    edit(model);
    writeFileSync(path, writePlainModel(model));
  };

interface Entry {
  key: string;
  value: string;
}

const place = (model: PlainModel) => model.graph.initializer[0]!.externalData as Entry[];
const located =
  (location: string, prepare: (onnx: string) => void = () => {}) =>
  (onnx: string) => {
    prepare(onnx);
    changed((model) => {
      place(model)[0]!.value = location;
    })(onnx);
  };
const keyed = (key: string, value: string) =>
  changed((model) => {
    const entries = place(model);
    const known = entries.find((entry) => entry.key === key);
    if (known) known.value = value;
    else entries.push({ key, value });
  });
const withNode = (node: PlainModel['graph']['node'][number]) =>
  changed((model) => {
    model.graph.node.push({ ...node, output: ['never_read'] });
  });

const outside = [{ key: 'location', value: '../../secret.bin' }];
const hiddenTensor = { dims: [4], dataType: 1, externalData: outside, dataLocation: 1, name: 'hidden' };
const branchOf = (node: object[], initializer: object[] = []) => ({
  name: 'then_branch',
  type: 5,
  g: { name: 'branch', node, initializer },
});
const nested = (depth: number): object =>
  depth === 0
    ? { opType: 'Identity', input: ['input_ids'], output: ['deep'] }
    : { opType: 'If', input: ['x'], output: [`d${depth}`], attribute: [branchOf([nested(depth - 1)])] };

/** Locations that leave the folder, or are no plain file in it. */
export const hostilePlaces: HostileExport[] = [
  ...[
    '/etc/passwd',
    '/dev/zero',
    '../../secret.bin',
    '..',
    '.',
    '',
    'folder/../../../secret.bin',
    'C:\\Windows\\win.ini',
    '..\\..\\secret.bin',
    '\\\\server\\share\\x',
    'NUL',
    'com1.bin',
    '*/_ORT_MEM_ADDR_/*',
    'data.bin:stream',
    'line\nbreak',
    '%2e%2e%2fsecret.bin',
  ].map(
    (location): HostileExport => ({
      what: `data at ${JSON.stringify(location)}`,
      code: 'path_refused',
      change: located(location),
    }),
  ),
  {
    what: 'a symbolic link out of the folder',
    code: 'path_refused',
    change: located('link.bin', (onnx) =>
      symlinkSync(join(onnx, '..', '..', 'secret.bin'), join(onnx, 'link.bin')),
    ),
  },
  {
    what: 'a hard link to a file outside',
    code: 'path_refused',
    change: located('hard.bin', (onnx) =>
      linkSync(join(onnx, '..', '..', 'secret.bin'), join(onnx, 'hard.bin')),
    ),
  },
  {
    what: 'a folder',
    code: 'path_refused',
    change: located('folder', (onnx) => mkdirSync(join(onnx, 'folder'))),
  },
  {
    what: 'a file that is not there',
    code: 'file_unreadable',
    change: located('missing.bin'),
  },
  ...(process.platform === 'win32'
    ? []
    : [
        {
          what: 'a pipe',
          code: 'path_refused' as const,
          change: located('pipe.bin', (onnx) => execFileSync('mkfifo', [join(onnx, 'pipe.bin')])),
        },
      ]),
];

/** Places within a file that contradict it, and graphs that hold what nobody asked for. */
export const hostileGraphs: HostileExport[] = [
  { what: 'a negative offset', code: 'checkpoint_broken', change: keyed('offset', '-4') },
  { what: 'an offset that is no number', code: 'checkpoint_broken', change: keyed('offset', '1e3') },
  { what: 'an offset behind the end', code: 'checkpoint_broken', change: keyed('offset', '999999') },
  {
    what: 'an offset beyond all files',
    code: 'checkpoint_broken',
    change: keyed('offset', '9223372036854775800'),
  },
  { what: 'a length that the shape does not need', code: 'checkpoint_broken', change: keyed('length', '8') },
  { what: 'a negative length', code: 'checkpoint_broken', change: keyed('length', '-1') },
  { what: 'an unknown word of the place', code: 'checkpoint_unsupported', change: keyed('prefetch', 'x') },
  {
    what: 'two locations',
    code: 'checkpoint_broken',
    change: changed((model) => place(model).push({ key: 'location', value: '../../secret.bin' })),
  },
  {
    what: 'a tensor that is outside and inside at once',
    code: 'checkpoint_broken',
    change: changed((model) => {
      model.graph.initializer[0]!.dataLocation = 0;
    }),
  },
  {
    what: 'a data file cut short',
    code: 'checkpoint_broken',
    change: (onnx) => truncateSync(join(onnx, data), 100),
  },
  {
    what: 'a shape beyond all files',
    code: 'checkpoint_broken',
    change: changed((model) => {
      model.graph.initializer[0]!.dims = ['4611686018427387904', '4'];
    }),
  },
  {
    what: 'a negative dimension',
    code: 'checkpoint_broken',
    change: changed((model) => {
      model.graph.initializer[0]!.dims = ['-1', '4'];
    }),
  },
  {
    what: 'texts as weights',
    code: 'checkpoint_broken',
    change: changed((model) => {
      model.graph.initializer[0]!.dataType = 8;
    }),
  },
  {
    what: 'an operator that loads code',
    code: 'checkpoint_unsupported',
    change: withNode({ opType: 'EPContext', domain: 'com.microsoft' }),
  },
  {
    what: 'an operator of a stranger',
    code: 'checkpoint_unsupported',
    change: withNode({ opType: 'Add', domain: 'evil.ops' }),
  },
  { what: 'a loop', code: 'checkpoint_unsupported', change: withNode({ opType: 'Loop' }) },
  {
    what: 'an unlisted operator inside a branch',
    code: 'checkpoint_unsupported',
    change: withNode({ opType: 'If', attribute: [branchOf([{ opType: 'Scan' }])] }),
  },
  {
    what: 'outside data inside a branch',
    code: 'path_refused',
    change: withNode({ opType: 'If', attribute: [branchOf([], [hiddenTensor])] }),
  },
  {
    what: 'outside data inside a constant',
    code: 'path_refused',
    change: withNode({ opType: 'Constant', attribute: [{ name: 'value', type: 4, t: hiddenTensor }] }),
  },
  {
    what: 'branches in branches',
    code: 'checkpoint_unsupported',
    change: withNode(nested(9) as PlainModel['graph']['node'][number]),
  },
  {
    what: 'functions',
    code: 'checkpoint_unsupported',
    change: changed((model) => {
      model.functions = [Uint8Array.of(10, 1, 65)];
    }),
  },
  {
    what: 'sparse tensors',
    code: 'checkpoint_unsupported',
    change: changed((model) => {
      model.graph.sparseInitializer = [Uint8Array.of(26, 0)];
    }),
  },
  {
    what: 'an input that nobody gives',
    code: 'checkpoint_unsupported',
    change: changed((model) => {
      model.graph.input.push({ ...model.graph.input[0]!, name: 'password' });
    }),
  },
  {
    what: 'no output of its name',
    code: 'checkpoint_unsupported',
    change: changed((model) => {
      model.graph.output[0]!.name = 'other';
    }),
  },
  {
    what: 'an input of texts',
    code: 'checkpoint_unsupported',
    change: changed((model) => {
      model.graph.input[0]!.type = { tensorType: { elemType: 8, shape: { dim: [{ dimParam: 'n' }] } } };
    }),
  },
  {
    what: 'fewer rows than config.json promises',
    code: 'checkpoint_broken',
    change: changed((model) => {
      const { dims } = model.graph.initializer[0]! as { dims: string[] };
      model.graph.initializer[0]!.dims = [String(Number(dims[0]) - 1), dims[1]];
      place(model).find(({ key }) => key === 'length')!.value = String(
        (Number(dims[0]) - 1) * Number(dims[1]) * 4,
      );
    }),
  },
  {
    what: 'no model at all',
    code: 'checkpoint_broken',
    change: (onnx) => writeFileSync(join(onnx, attackedGraph), 'no model, but text'),
  },
  {
    what: 'an empty file',
    code: 'checkpoint_broken',
    change: (onnx) => writeFileSync(join(onnx, attackedGraph), ''),
  },
  {
    what: 'a graph cut short',
    code: 'checkpoint_broken',
    change: (onnx) => truncateSync(join(onnx, attackedGraph), 40),
  },
  {
    what: 'a graph that is a link',
    code: 'path_refused',
    change: (onnx) => {
      const path = join(onnx, attackedGraph);
      writeFileSync(`${path}.real`, readFileSync(path));
      execFileSync('rm', [path]);
      symlinkSync(`${path}.real`, path);
    },
  },
];
