/**
 * Gets and compiles what the engine is compared with, into one folder; what is there already is kept. Needs Python 3 with
 * venv, cmake, ninja and a C++ compiler; packages come by name from the indexes that pip is configured for.
 */
import { existsSync } from 'node:fs';
import { appendFile, copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { createRandom } from '../../../native-models/inference/random.ts';
import { pictureTiles } from './rows.ts';
import { runProgram } from './run-program.ts';

/** llama.cpp's source is inside this package's source distribution; one exact version, so that figures compare. */
const llamaPackage = { name: 'llama-cpp-python', version: '0.3.36' };
const pythonPackages = ['torch==2.13.0', 'transformers', 'safetensors', 'sentencepiece', 'scikit-build-core'];

export interface PeerFiles {
  folder: string;
  python: string;
  llamaBuild: string;
  /** The common text for perplexity. */
  text: string;
  /** Pictures of one tile each. */
  tilePictures: string[];
}

export function peerFiles(folder: string): PeerFiles {
  const place = resolve(folder);
  return {
    folder: place,
    python: join(place, 'venv', 'bin', 'python'),
    llamaBuild: join(place, 'llama-build'),
    text: join(place, 'text.txt'),
    tilePictures: Array.from({ length: pictureTiles }, (_, i) => join(place, `tile-${i}.png`)),
  };
}

/** The prose, manual and tongues that models are checked on. */
export const commonTexts = ['manual', 'letter', 'tongues'].map((name) =>
  fileURLToPath(new URL(`../../../assets/fidelity/${name}.txt`, import.meta.url)),
);

/** @param checkpoint the published layout, 1B shape */
export async function preparePeers(folder: string, checkpoint: string): Promise<void> {
  const files = peerFiles(folder);
  const say = (words: string) => process.stderr.write(`${words}\n`);
  await mkdir(files.folder, { recursive: true });
  await drawTiles(files);
  if (!existsSync(files.python)) {
    say('Python packages');
    await runProgram('python3', ['-m', 'venv', join(files.folder, 'venv')]);
    await runProgram(files.python, ['-m', 'pip', 'install', '-q', ...pythonPackages]);
  }
  const source = await unpackLlama(files);
  if (!existsSync(join(files.llamaBuild, 'bin', 'llama-mtmd-cli'))) {
    say('llama.cpp, compiled for this processor: some minutes');
    await compileLlama(files, source);
  }
  say('weights in GGUF');
  await convertWeights(files, { source, checkpoint: resolve(checkpoint) });
}

async function unpackLlama({ folder, python }: PeerFiles): Promise<string> {
  const { name, version } = llamaPackage;
  const unpacked = join(folder, `${name.replaceAll('-', '_')}-${version}`);
  const source = join(unpacked, 'vendor', 'llama.cpp');
  if (existsSync(source)) return source;
  const asked = ['download', '-q', '--no-deps', '--no-build-isolation', '--no-binary', name, '-d', folder];
  await runProgram(python, ['-m', 'pip', ...asked, `${name}==${version}`]);
  await runProgram('tar', ['xzf', `${unpacked}.tar.gz`, '-C', folder]);
  return source;
}

async function compileLlama({ llamaBuild }: PeerFiles, source: string): Promise<void> {
  const off = ['LLAMA_CURL', 'LLAMA_OPENSSL', 'BUILD_SHARED_LIBS', 'LLAMA_BUILD_TESTS', 'LLAMA_BUILD_SERVER'];
  const switches = ['GGML_NATIVE=ON', 'CMAKE_BUILD_TYPE=Release', ...off.map((name) => `${name}=OFF`)];
  const programs = ['llama-bench', 'llama-mtmd-cli', 'llama-perplexity', 'llama-quantize'];
  await runProgram('cmake', [
    '-S',
    source,
    '-B',
    llamaBuild,
    '-G',
    'Ninja',
    ...switches.map((s) => `-D${s}`),
  ]);
  await runProgram('cmake', ['--build', llamaBuild, '--target', ...programs]);
}

/** By llama.cpp's own converter and quantiser. */
async function convertWeights(files: PeerFiles, from: { source: string; checkpoint: string }): Promise<void> {
  const { folder, python, llamaBuild } = files;
  const shown = join(folder, 'checkpoint');
  await showCheckpoint(shown, from.checkpoint);
  const made = (name: string) => join(folder, `${name}.gguf`);
  const convert = (name: string, ...asked: string[]) =>
    existsSync(made(name))
      ? undefined
      : runProgram(python, ['convert_hf_to_gguf.py', shown, ...asked, '--outfile', made(name)], {
          cwd: from.source,
          env: { ...process.env, PYTHONPATH: 'gguf-py' },
        });
  await convert('language-F16', '--outtype', 'f16');
  await convert('eye-F16', '--mmproj', '--outtype', 'f16');
  await convert('eye-Q8_0', '--mmproj', '--outtype', 'q8_0');
  const quantise = join(llamaBuild, 'bin', 'llama-quantize');
  for (const type of ['Q4_0', 'Q4_K_M', 'Q8_0']) {
    const out = made(`language-${type}`);
    if (!existsSync(out)) await runProgram(quantise, [made('language-F16'), out, type]);
  }
  const counting = fileURLToPath(new URL('count_gguf_bytes.py', import.meta.url));
  const { stdout } = await runProgram(python, [counting, folder], {
    env: { ...process.env, PYTHONPATH: join(from.source, 'gguf-py') },
  });
  await writeFile(join(folder, 'bytes-per-token.json'), stdout);
}

/** The checkpoint's files by links, with the preprocessor's config that every published one has. */
async function showCheckpoint(shown: string, checkpoint: string): Promise<void> {
  await mkdir(shown, { recursive: true });
  for (const file of await readdir(checkpoint)) {
    if (!existsSync(join(shown, file))) await symlink(join(checkpoint, file), join(shown, file));
  }
  const preprocessor = join(shown, 'preprocessor_config.json');
  const values = {
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
    size: 448,
    crop_size: 448,
  };
  if (!existsSync(preprocessor)) await writeFile(preprocessor, JSON.stringify(values));
}

async function drawTiles({ tilePictures, text }: PeerFiles): Promise<void> {
  const random = createRandom(9);
  for (const file of tilePictures) {
    if (existsSync(file)) continue;
    const pixels = Buffer.from(Uint8Array.from({ length: 448 * 448 * 3 }, () => random() * 256));
    await sharp(pixels, { raw: { width: 448, height: 448, channels: 3 } })
      .png()
      .toFile(file);
  }
  if (existsSync(text)) return;
  await copyFile(commonTexts[0]!, text);

  for (const more of commonTexts.slice(1)) await appendFile(text, await readFile(more));
}
