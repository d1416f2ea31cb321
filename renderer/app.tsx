/** The whole page: look and language first, then what the app's state calls for. */
import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { useEffect, useState } from 'react';
import type { Settings } from '../preload/contract/settings.ts';
import type { AppDescription } from '../preload/contract/system.ts';
import { api } from './api.ts';
import { StoreProblem } from './features/settings/store-problem.tsx';
import { HostGone } from './host-gone.tsx';
import { cssVariables, theme } from './theme.ts';
import { useAppSettings } from './use-app-settings.ts';
import { Workspace } from './workspace.tsx';

/** @param props.nonce lets the look's style tags through the page's policy */
export function App({ nonce }: { nonce: string }) {
  const settings = useAppSettings();
  const look = settings?.theme ?? 'system';
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables(look)}
      defaultColorScheme="auto"
      {...forcedScheme(look)}
      getStyleNonce={() => nonce}
    >
      <ModalsProvider>
        <Notifications position="top-center" limit={4} />
        <Screen settings={settings} />
      </ModalsProvider>
    </MantineProvider>
  );
}

function Screen({ settings }: { settings: Settings | null }) {
  const [app, setApp] = useState<AppDescription | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  useEffect(() => {
    api.describeApp({}).then(setApp, setFault);
  }, []);
  if (fault) return <HostGone fault={fault} />;
  if (!app) return null;
  if (app.store !== 'ready') return <StoreProblem state={app.store} onRepaired={() => location.reload()} />;
  return settings && <Workspace app={app} settings={settings} />;
}

/** High contrast is light or dark as the system is. */
function forcedScheme(look: Settings['theme']): { forceColorScheme?: 'light' | 'dark' } {
  return look === 'light' || look === 'dark' ? { forceColorScheme: look } : {};
}
