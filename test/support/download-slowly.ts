/** Downloads the mock Hub's repository at a limited speed until it is killed. Arguments: origin, library folder. */
import { createBandwidth } from '../../main/service/models/hub/bandwidth.ts';
import { downloadCheckpoint } from '../../main/service/models/hub/download-checkpoint.ts';
import { describeHub } from '../../main/service/models/hub/hub-request.ts';

const [endpoint = '', library = ''] = process.argv.slice(2);
await downloadCheckpoint({
  hub: describeHub({ endpoint }),
  repository: { id: 'owner/name', revision: null },
  library,
  copyBytes: 0,
  bandwidth: createBandwidth(2_500_000),
  judgeConfig: async () => {},
  onProgress: () => {},
  signal: new AbortController().signal,
});
