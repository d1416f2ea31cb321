/** Puts the service together: stores, models, answers and handlers over one line to the host. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FramePort } from '../../native-models/process/child-port.ts';
import { convertContract } from '../../native-models/process/convert-contract.ts';
import type { DeviceNames } from '../../native-models/process/engine-client.ts';
import { engineContract } from '../../native-models/process/engine-contract.ts';
import { mediaContract } from '../../native-models/process/media-contract.ts';
import { probeContract } from '../../native-models/process/probe-contract.ts';
import { createTurnQueue } from '../../native-models/process/turn-queue.ts';
import type { Client, Contract } from '../../preload/contract/define.ts';
import { modelIdSchema } from '../../preload/contract/ids.ts';
import type { AppHandlers } from '../../preload/contract/index.ts';
import { connectClient } from '../supervisor/connect-client.ts';
import { createAnswers } from './answering/answers.ts';
import { apiAnswers } from './answering/api-answers.ts';
import { questionCounter } from './answering/count-question.ts';
import { tokenCounter } from './answering/count-tokens.ts';
import { createCritic } from './answering/critic.ts';
import { createEnginePictures } from './answering/engine-pictures.ts';
import { questionEstimator } from './answering/estimate-question.ts';
import { boxExporter } from './answering/export-boxes.ts';
import { inTurn } from './answering/in-turn.ts';
import { aheadLooker } from './answering/look-ahead.ts';
import { answerWriter } from './answering/write-answer.ts';
import { openApiMemory } from './api-memory.ts';
import { createApiSwitch } from './api-switch.ts';
import { createAppEvents } from './app-events.ts';
import type { Passwords } from './attachments/attachment-source.ts';
import { createFileTexts } from './attachments/file-texts.ts';
import { bytesOpener } from './attachments/open-bytes.ts';
import { conversationCaches } from './conversation-caches.ts';
import { openDeviceFile, probeWhenQuiet } from './devices.ts';
import { apiServerHandlers } from './handlers/api-server.ts';
import { attachmentHandlers } from './handlers/attachments.ts';
import { conversationHandlers } from './handlers/conversations.ts';
import { generationHandlers } from './handlers/generation.ts';
import { hostHandlers } from './handlers/host.ts';
import { modelHandlers } from './handlers/models.ts';
import { remoteModelHandlers } from './handlers/remote-models.ts';
import { systemHandlers } from './handlers/system.ts';
import { type HostHandlers, shellContract } from './host-contract.ts';
import { keepBackups } from './keep-backups.ts';
import { watchIdleModel } from './models/idle-unload.ts';
import { composeModelJobs } from './models/jobs/compose-model-jobs.ts';
import { createLoadedModels } from './models/loaded-model.ts';
import { measureModel } from './models/measure-model.ts';
import { measuredSpeeds } from './models/measured-speeds.ts';
import { openModelLibrary } from './models/model-library.ts';
import { openModelSettings } from './models/model-settings.ts';
import { withRemoteModels } from './models/remote-library.ts';
import { openRemoteModels } from './models/remote-models.ts';
import { notifyWhenDone } from './notify-when-done.ts';
import { rememberedSettings } from './remembered-settings.ts';
import type { SplitPort } from './split-port.ts';
import { openStores } from './stores.ts';
import { createUploads, forgetOldUploads } from './uploads.ts';

export interface ServiceOptions {
  profileFolder: string;
  /** Holds `embedded-model` and `samples`. */
  assetsFolder: string;
  version: string;
  /** What a model is loaded on where nothing else is said. */
  devices: DeviceNames;
  port: SplitPort;
}

export interface Service {
  appHandlers: AppHandlers;
  hostHandlers: HostHandlers;
  /** Ends what runs, text kept, and closes the stores. */
  close(): Promise<void>;
}

export async function composeService(options: ServiceOptions): Promise<Service> {
  const { profileFolder, assetsFolder, version, port } = options;
  const samplesFolder = join(assetsFolder, 'samples');
  const profileModels = join(profileFolder, 'models');
  await mkdir(profileModels, { recursive: true, mode: 0o700 }).catch(() => {}); // a read-only profile is a state
  const modelSettings = await openModelSettings(profileFolder);
  const deviceFile = await openDeviceFile(profileFolder);
  await forgetOldUploads(join(profileFolder, 'uploads'));

  const engine = reach(port, 'engine', engineContract);
  const criticEngine = reach(port, 'critic', engineContract);
  const media = reach(port, 'media', mediaContract);
  const convertClient = reach(port, 'convert', convertContract);
  const shell = reach(port, 'host', shellContract);

  const events = createAppEvents();
  const uploads = createUploads();
  const passwords: Passwords = new Map();
  const stores = await openStores(profileFolder);
  const settings = rememberedSettings(stores, events);
  const caches = conversationCaches({ profileFolder, stores, settings });
  void caches.tidy();
  const pictures = createEnginePictures({ engine, media, passwords });
  const texts = createFileTexts(media, passwords);
  const isOffline = () => modelSettings.get().offline;
  const remote = openRemoteModels(profileFolder, shell);
  const folders = openModelLibrary({
    folder: modelSettings.libraryFolder,
    demoCheckpoint: join(assetsFolder, 'embedded-model'),
    convertClient,
    deviceTable: deviceFile.table,
  });
  const library = withRemoteModels(folders, remote, isOffline);
  const models = createLoadedModels({
    engine,
    library,
    devices: options.devices,
    advice: {
      choose: deviceFile.choose,
      async onFailed(device) {
        await deviceFile.distrust(device);
        events.publish({ type: 'device-failed', device });
      },
    },
    remembered: () => modelIdSchema.safeParse(settings.get().lastModel).data ?? null,
    onState: (model) => events.publish({ type: 'model-state', model }),
    onGone: pictures.forgetAll,
    diskCache: caches.place,
  });
  const queue = createTurnQueue();
  const unload = async () => {
    await models.unload();
    await pictures.dropAll();
  };
  const whileUnloaded = async (work: () => Promise<unknown>) => {
    const { signal } = new AbortController();
    const unloadAndWork = async () => {
      await unload();
      await work();
    };
    await inTurn(queue, unloadAndWork, { signal });
  };
  let isBusy = false;
  const probing = probeWhenQuiet({
    file: deviceFile,
    probe: reach(port, 'probe', probeContract),
    isBusy: () => isBusy,
  });
  const answers = createAnswers({
    stores,
    events,
    queue,
    writeAnswer: answerWriter({ engine, models, pictures, texts, caches }),
    critic: createCritic({
      engine: criticEngine,
      pictures: createEnginePictures({ engine: criticEngine, media, passwords }),
      texts,
      library,
      choose: deviceFile.choose,
      whileUnloaded,
    }),
    onBusy(busy) {
      isBusy = busy;
      if (busy) probing.pause();
      models.touch(); // an answer's end is a use, too
      shell.setBusy({ busy }).catch(() => {});
    },
    onEnded: notifyWhenDone({ shell, settings }),
  });
  const api = createApiSwitch({
    engine: apiAnswers({ engine, media, models, library }),
    version,
    memory: openApiMemory(profileFolder, shell),
    onChange: () => events.publish({ type: 'api-server-changed' }),
  });
  const stopBackups = keepBackups(stores);
  const leaveServer = async () => {
    const { state } = models;
    const id = state.state === 'ready' || state.state === 'loading' ? state.modelId : null;
    if (id === null || !(await remote.find(id))) return;
    const left = unload(); // out of turn: what is being asked ends
    for (const { messageId } of answers.running()) await answers.stop(messageId);
    await left;
  };
  const getting = await composeModelJobs({
    deviceTable: deviceFile.table,
    profileFolder,
    modelSettings,
    library,
    shell,
    uploads,
    events,
    leaveServer,
    whileUnloaded,
  });
  const idle = watchIdleModel({
    idleSinceMs: () => models.lastUsedMs,
    minutes: () => modelSettings.get().idleUnloadMinutes,
    unload: () => inTurn(queue, unload, { signal: AbortSignal.timeout(1000) }),
  });

  return {
    appHandlers: {
      ...conversationHandlers({ stores, answers, events, uploads, settings, caches }),
      ...generationHandlers({
        answers,
        estimateQuestion: questionEstimator({
          stores,
          models,
          media,
          passwords,
          countQuestion: questionCounter({ stores, texts, countTokens: tokenCounter(engine) }),
        }),
        exportBoxes: boxExporter({ stores, media, passwords }),
        lookAhead: aheadLooker({ engine, models, pictures, stores, queue }),
      }),
      ...attachmentHandlers({
        stores,
        uploads,
        media,
        texts,
        passwords,
        samplesFolder,
      }),
      ...modelHandlers({
        library,
        models,
        settings,
        events,
        unload,
        queue,
        getting: getting.handlers,
        servers: remoteModelHandlers({ remote, events, isOffline }),
        speeds: measuredSpeeds(profileFolder),
        measure: (model, how) => measureModel({ engine, media, samplesFolder }, model, how),
      }),
      ...apiServerHandlers(api),
      ...systemHandlers({ version, stores, settings, caches, models, events, shell }),
    },
    hostHandlers: hostHandlers({
      uploads,
      openBytes: bytesOpener({ stores, media, passwords }),
      events,
      models,
      api,
    }),
    async close() {
      stopBackups();
      idle.stop();
      probing.stop();
      await getting.close();
      await api.stop();
      await answers.stopAll();
      stores.close();
    },
  };
}

/** A client of another process, or of the host itself, over the host's relay. */
function reach<C extends Contract>(port: SplitPort, name: string, contract: C): Client<C> {
  const line: FramePort = port.lineTo((sender) => sender === name);
  // Of a process that died the relay tells by an error frame for each request, so nobody has to be told here.
  return connectClient(contract, { ...line, name, onGone: () => {} }, 'service');
}
