/** Children of the stand-in run under the Node that runs the tests: better-sqlite3 does not load in Electron 22. */
export { spawnNodeChild as spawnUtilityChild } from '../../../main/supervisor/spawn-node-child.ts';
