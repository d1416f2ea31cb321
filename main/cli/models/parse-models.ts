/** The words of `models`: list, get, import, convert, add-remote, check, repair and remove. */
import type { Precision } from '../../../preload/contract/precision.ts';
import { readOptions, readPrecision, refuse } from '../read-options.ts';

interface Common {
  kind: 'models';
  json: boolean;
}

export type ModelsCommand = Common &
  (
    | { action: 'list' }
    | {
        action: 'get';
        repository: string;
        precision: Precision;
        keep: boolean;
        bytesPerSecond: number | null;
      }
    | { action: 'import'; path: string; precision: Precision }
    | { action: 'convert'; checkpoint: string; precision: Precision }
    | { action: 'check'; id: string; files: boolean; checkpoint: string | null; samples: string[] }
    | { action: 'repair'; id: string; from: string | null }
    /** `model` null takes the server's first. */
    | { action: 'add-remote'; url: string; model: string | null }
    | { action: 'remove'; id: string }
  );

export const modelsUsage = `  models list                 models and checkpoints on this machine
  models get REPOSITORY       fetch from the Hugging Face Hub (owner/name, or its address) and convert
    --precision P             fp32, fp16, int8 or int4 (default int4)
    --keep                    keep the checkpoint beside the converted model
    --limit MB                megabytes a second at most
                              Ctrl-C keeps what has arrived; the same line goes on with it
  models import PATH          a checkpoint folder, a ready-made ONNX export in transformers.js layout, a model this
                              app has converted, or a zip of one of these
  models convert CHECKPOINT   a name of "models list", or a folder
  models add-remote URL       a model on a server of yours (LMDeploy, vLLM, SGLang, any OpenAI-compatible one); what is
                              asked then leaves this machine. Its key is read from INTERNVL_SERVER_KEY, or
                              from the file INTERNVL_SERVER_KEY_FILE, which only you may be able to read
    --model NAME              which of the server's models (default: its first)
  models check MODEL --files  read every byte and compare it with what was written
  models repair MODEL         make damaged files again, and only those
    --from PATH               what the model was made from, where that lies elsewhere now
  models check MODEL --checkpoint FOLDER [FILE…]
                              what its precision costs, on samples and on files of yours
  models remove MODEL
    --precision P             of check, repair and remove: MODEL is the checkpoint's name, as "models convert" took it
                              all take --json; HF_TOKEN, HF_ENDPOINT, HF_HUB_CACHE and HTTPS_PROXY are heard
`;

const options = {
  precision: { type: 'string' },
  keep: { type: 'boolean' },
  limit: { type: 'string' },
  files: { type: 'boolean' },
  checkpoint: { type: 'string' },
  from: { type: 'string' },
  model: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Null where help is asked for. @throws AppError `invalid_request` with a sentence that names the argument */
export function parseModels(args: string[]): ModelsCommand | null {
  const { values, positionals } = readOptions(args, options);
  const [action, subject, ...rest] = positionals;
  if (values.help) return null;
  const common = { kind: 'models' as const, json: values.json ?? false };
  const precision = () => readPrecision(values.precision ?? 'int4');
  const named = (what: string) => {
    if (subject === undefined || (rest.length > 0 && action !== 'check'))
      throw refuse(`models ${action} takes one argument: ${what}.`);
    return subject;
  };
  /** As "models list" names it, or by its checkpoint's name and the precision that it was converted to. */
  const modelId = () => {
    const name = named('a model');
    return values.precision === undefined ? name : `${name}-${readPrecision(values.precision)}`;
  };
  switch (action) {
    case 'list':
      return { ...common, action };
    case 'get':
      return {
        ...common,
        action,
        repository: named('a repository such as OpenGVLab/InternVL3-1B'),
        precision: precision(),
        keep: values.keep ?? false,
        bytesPerSecond: readLimit(values.limit),
      };
    case 'import':
      return { ...common, action, path: named('a folder or a zip archive'), precision: precision() };
    case 'convert':
      return { ...common, action, checkpoint: named('a checkpoint'), precision: precision() };
    case 'check':
      return readCheck(modelId(), rest, { ...common, values });
    case 'repair':
      return { ...common, action, id: modelId(), from: values.from ?? null };
    case 'add-remote':
      return {
        ...common,
        action,
        url: named('an address such as https://gpu.example.org:23333'),
        model: values.model ?? null,
      };
    case 'remove':
      return { ...common, action, id: modelId() };
    default:
      throw refuse(
        'models is followed by list, get, import, convert, add-remote, check, repair or remove; --help says more.',
      );
  }
}

function readCheck(
  id: string,
  samples: string[],
  { values, ...common }: Common & { values: { files?: boolean; checkpoint?: string } },
): ModelsCommand {
  const { files = false, checkpoint = null } = values;
  if (files === (checkpoint !== null))
    throw refuse('models check takes either --files, or --checkpoint with the folder it was converted from.');
  return { ...common, action: 'check', id, files, checkpoint, samples };
}

function readLimit(text: string | undefined): number | null {
  if (text === undefined) return null;
  const megabytes = Number(text);
  if (megabytes > 0 && Number.isFinite(megabytes)) return megabytes * 1e6;
  throw refuse(`--limit is a number of megabytes a second above 0, not "${text}".`);
}
