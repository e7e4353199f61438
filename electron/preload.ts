import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import type { Bridge } from './contract/bridge.ts';
import { channels } from './contract/channels.ts';
import type { SnapshotUpdate } from './contract/snapshot-update.ts';

const platform = process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux';

const bridge: Bridge = {
  platform,
  watch(listener) {
    const heard = (_: IpcRendererEvent, update: SnapshotUpdate): void => listener(update);
    ipcRenderer.on(channels.snapshot, heard);
    ipcRenderer.send(channels.watch);
    return () => ipcRenderer.removeListener(channels.snapshot, heard);
  },
  command: (name, params) => ipcRenderer.invoke(channels.command, { name, params }),
  saveTrace: () => ipcRenderer.invoke(channels.saveTrace),
  chooseFolder: () => ipcRenderer.invoke(channels.chooseFolder),
  attachAudio: (call, offer) => ipcRenderer.invoke(channels.attachAudio, { call, offer }),
  reportAudio: (report) => ipcRenderer.send(channels.reportAudio, report),
  reportPlayout: (report) => ipcRenderer.send(channels.reportPlayout, report),
};

contextBridge.exposeInMainWorld('partyline', bridge);
