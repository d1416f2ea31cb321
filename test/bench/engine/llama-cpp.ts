/** llama.cpp as it was compiled on this machine: its own benchmark, and its own timings of a picture. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { windowTokens } from './perplexity.ts';
import type { PeerFiles } from './prepare.ts';
import { decodedTokens, type Peer, pictureTiles, type Row, type Setting, tokensOf } from './rows.ts';
import { runProgram } from './run-program.ts';

const quantisations = ['Q4_0', 'Q4_K_M', 'Q8_0'] as const;
const eyes = ['Q8_0', 'F16'] as const;
const textRows = ['prefill512', 'prefill3000', 'decode512', 'decode3000'] as const;
const threads = '2';

/** What the processor can do and a build must use (cpuinfo flag → the word in llama.cpp's system_info). */
const extensions: [flag: string, word: string][] = [
  ['avx2', 'AVX2'],
  ['fma', 'FMA'],
  ['f16c', 'F16C'],
  ['avx512f', 'AVX512'],
  ['avx512_vnni', 'AVX512_VNNI'],
  ['avx512_bf16', 'AVX512_BF16'],
  ['amx_int8', 'AMX_INT8'],
];

/** @throws Error where the build lacks an instruction set that this processor has */
export async function openLlamaCpp(files: PeerFiles): Promise<Peer> {
  const program = (name: string) => join(files.llamaBuild, 'bin', name);
  const gguf = (name: string) => join(files.folder, `${name}.gguf`);
  const sizes = JSON.parse(readFileSync(join(files.folder, 'bytes-per-token.json'), 'utf8'));
  const settings: Setting[] = [];
  let systemInfo = '';
  for (const quantisation of quantisations) {
    const model = gguf(`language-${quantisation}`);
    const told = await readText(program('llama-perplexity'), model, files.text);
    const { perplexity } = told;
    systemInfo = refuseSlowBuild(told.systemInfo);
    for (const flash of ['on', 'off']) {
      settings.push({
        name: `${quantisation}, flash attention ${flash}`,
        rows: textRows,
        bytesPerToken: sizes[quantisation],
        perplexity,
        warmsItself: true,
        measure: (row) => benchText(program('llama-bench'), model, { row, flash }),
      });
    }
    // The eye is five sixths of a first token, and Q4_0 reads fastest: other languages would only cost time here.
    for (const eye of quantisation === 'Q4_0' ? eyes : []) {
      settings.push({
        name: `${quantisation}, eye ${eye}`,
        rows: ['vision', 'firstToken'],
        bytesPerToken: sizes[quantisation],
        perplexity,
        warmsItself: true,
        measure: (row) =>
          timePictures(program('llama-mtmd-cli'), {
            model,
            eye: gguf(`eye-${eye}`),
            pictures: files.tilePictures.slice(0, row === 'vision' ? 1 : pictureTiles),
            isWhole: row === 'firstToken',
          }),
      });
    }
  }
  return { name: 'llama.cpp', description: systemInfo, settings, close: async () => {} };
}

async function benchText(program: string, model: string, { row, flash }: { row: Row; flash: string }) {
  const tokens = String(tokensOf[row]);
  const isPrefill = row.startsWith('prefill');
  const asked = isPrefill
    ? ['-p', tokens, '-n', '0']
    : ['-p', '0', '-n', String(decodedTokens), '-d', tokens];
  const common = ['-m', model, '-t', threads, '-fa', flash, '-r', '1', '-o', 'json'];
  const [found] = JSON.parse((await runProgram(program, [...common, ...asked])).stdout);
  const elapsedMs = found.avg_ns / 1e6;
  return isPrefill ? elapsedMs : elapsedMs / decodedTokens;
}

interface Pictures {
  model: string;
  eye: string;
  pictures: readonly string[];
  /** All until the first token; else encoding alone. */
  isWhole: boolean;
}

/** By the program's own clock, so that neither its start nor loading counts. Each picture is one tile. */
async function timePictures(program: string, { model, eye, pictures, isWhole }: Pictures): Promise<number> {
  const given = ['-m', model, '--mmproj', eye, '-t', threads, '-c', '4096', '-n', '1', '--temp', '0'];
  const talking = ['--chat-template', 'vicuna', '-lv', '4']; // a short template, and its times are told
  const shown = pictures.flatMap((picture) => ['--image', picture]);
  const { stderr, stdout } = await runProgram(program, [
    ...given,
    ...talking,
    ...shown,
    '-p',
    'What does it say?',
  ]);
  const told = stderr + stdout;
  const sumOf = (pattern: RegExp) =>
    Array.from(told.matchAll(pattern), ([, ms]) => Number(ms)).reduce((sum, ms) => sum + ms, 0);
  const encodedMs = sumOf(/batch encoding done in (\d+) ms/g);
  if (encodedMs === 0) throw new Error('llama-mtmd-cli told no time of its vision encoder.');
  return isWhole ? encodedMs + sumOf(/image decoded \(batch \d+\/\d+\) in (\d+) ms/g) : encodedMs;
}

/** Perplexity of the common text, and what the build says it was compiled for. */
async function readText(program: string, model: string, text: string) {
  const given = ['-m', model, '-f', text, '-c', String(windowTokens), '-t', threads];
  const { stderr, stdout } = await runProgram(program, given);
  const told = stderr + stdout;
  const perplexity = /Final estimate: PPL = ([\d.]+)/.exec(told)?.[1];
  const systemInfo = /system_info: (.*)/.exec(told)?.[1];
  if (!perplexity || !systemInfo) throw new Error('llama-perplexity told no perplexity or no system_info.');
  return { perplexity: Number(perplexity), systemInfo };
}

function refuseSlowBuild(info: string): string {
  const flags = readFileSync('/proc/cpuinfo', 'utf8');
  const lacking = extensions.filter(
    ([flag, word]) => flags.includes(` ${flag} `) && !info.includes(`${word} = 1`),
  );
  if (lacking.length > 0) {
    const words = lacking.map(([, word]) => word).join(', ');
    throw new Error(
      `This llama.cpp was compiled without ${words}, which this processor has: prepare it again.`,
    );
  }
  return info.trim();
}
