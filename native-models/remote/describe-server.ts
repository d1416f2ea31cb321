/** Asks a server what it is and which models it serves: nothing is sent to it but the key. */

import { fetchJson } from './send-request.ts';
import {
  abilitiesOf,
  gapsOf,
  type ServerAbilities,
  type ServerGap,
  type ServerKind,
} from './server-abilities.ts';
import { hostOf, type ServerAddress } from './server-address.ts';
import { notUnderstood } from './server-faults.ts';
import { type ServerLimits, usualLimits } from './server-limits.ts';
import { modelList, versionAnswer } from './wire-schema.ts';

/** A model as its server lists it. */
export interface ServedModel {
  id: string;
  /** Null where the server does not say. */
  contextLength: number | null;
}

export interface ServerDescription {
  kind: ServerKind;
  /** As a person knows it. */
  name: string;
  host: string;
  models: ServedModel[];
  /** What it can't do. */
  gaps: ServerGap[];
}

const kindOfOwner: Readonly<Record<string, ServerKind>> = {
  lmdeploy: 'lmdeploy',
  vllm: 'vllm',
  sglang: 'sglang',
  llamacpp: 'llama.cpp',
};

/**
 * Reads `/models`, whose `owned_by` tells LMDeploy, vLLM, SGLang and llama.cpp from each other and from all others.
 * @throws AppError `network_failed`, `access_denied`, `timed_out`, `not_found`, `path_refused`
 */
export async function describeServer(
  server: ServerAddress,
  { signal, limits = usualLimits }: { signal: AbortSignal; limits?: ServerLimits },
): Promise<ServerDescription> {
  const { data: list, error } = modelList.safeParse(
    await fetchJson({ server, path: '/models', limits, signal }),
  );
  if (!list) throw notUnderstood(error);
  const kind = kindOfOwner[list.data[0]!.owned_by?.toLowerCase() ?? ''] ?? 'openai';
  const abilities = abilitiesOf(kind, list.data[0]!.id);
  return {
    kind,
    name: abilities.name,
    host: hostOf(server.baseUrl),
    models: list.data.map(({ id, max_model_len: length, meta }) => ({
      id,
      contextLength: length ?? meta?.n_ctx ?? meta?.n_ctx_train ?? null,
    })),
    gaps: gapsOf(abilities),
  };
}

/**
 * vLLM before 0.11 lets `structured_outputs` pass unheard, and the answer would have any form.
 * Source: vllm/entrypoints/openai/protocol.py of 0.11.0.
 */
const structuredOutputsSince = [0, 11] as const;

/** The abilities of a server for one of its models, vLLM's by its version. */
export async function findAbilities(
  server: ServerAddress,
  {
    kind,
    model,
    signal,
    limits,
  }: { kind: ServerKind; model: string; signal: AbortSignal; limits: ServerLimits },
): Promise<ServerAbilities> {
  const abilities = abilitiesOf(kind, model);
  if (kind !== 'vllm') return abilities;
  const root = { ...server, baseUrl: server.baseUrl.replace(/\/v\d+$/, '') };
  const answer = await fetchJson({ server: root, path: '/version', limits, signal }).catch(() => null);
  signal.throwIfAborted();
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(versionAnswer.safeParse(answer).data?.version ?? '') ?? [];
  const isOlder =
    major !== undefined &&
    (Number(major) - structuredOutputsSince[0] || Number(minor) - structuredOutputsSince[1]) < 0;
  return isOlder ? { ...abilities, regex: null } : abilities;
}
