/** The API server for other programs: its switch, where it answers, its token, and a line to try it with. */
import {
  ActionIcon,
  Badge,
  Button,
  Code,
  Group,
  NumberInput,
  Stack,
  Switch,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { IconEye, IconEyeOff, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiServerState } from '../../../preload/contract/api-server.ts';
import { CopyButton } from '../../ui/markdown/copy-button.tsx';
import { curlLine } from './curl-line.ts';
import { useApiServer } from './use-api-server.ts';

const [leastPort, mostPort] = [1024, 65_535];

export function ApiSection() {
  const { t } = useTranslation('settings');
  const { server, isBusy, turnOn, turnOff, renewToken } = useApiServer();
  const [typedPort, setTypedPort] = useState<number | null>(null);
  if (!server) return null;
  const isOn = server.url !== null;
  const port = typedPort ?? server.port;
  const isPort = Number.isInteger(port) && port >= leastPort && port <= mostPort;
  return (
    <Stack gap="lg">
      <Text size="sm">{t('api.text')}</Text>
      <Group align="flex-end" gap="lg">
        <NumberInput
          label={t('api.port.label')}
          description={t('api.port.text')}
          value={isOn ? server.port : port}
          disabled={isOn || isBusy}
          error={!isOn && !isPort}
          allowDecimal={false}
          allowNegative={false}
          hideControls
          w="12rem"
          onChange={(value) => setTypedPort(value === '' ? 0 : Number(value))}
        />
        <Switch
          label={t('api.switch')}
          checked={isOn}
          disabled={isBusy || (!isOn && !isPort)}
          onChange={() => (isOn ? turnOff() : turnOn(port))}
          mb={8}
        />
      </Group>
      <div role="status">
        {isOn ? (
          <Badge color="teal" variant="light">
            {t('api.on')}
          </Badge>
        ) : (
          <Text size="sm" c="dimmed">
            {t('api.off')}
          </Text>
        )}
      </div>
      {server.token !== null && (
        <TokenField server={server} token={server.token} isBusy={isBusy} onRenew={renewToken} />
      )}
      {server.url !== null && server.token !== null && (
        <Running baseUrl={`${server.url}/v1`} token={server.token} />
      )}
    </Stack>
  );
}

function TokenField(props: { server: ApiServerState; token: string; isBusy: boolean; onRenew(): void }) {
  const { t } = useTranslation('settings');
  const [isShown, setShown] = useState(false);
  const { server, token, isBusy, onRenew } = props;
  const showLabel = t(isShown ? 'api.token.hide' : 'api.token.show');
  return (
    <Stack gap={4}>
      <Group align="flex-end" gap="xs">
        <TextInput
          label={t('api.token.label')}
          description={t('api.token.text')}
          value={isShown ? token : '•'.repeat(token.length)}
          readOnly
          flex={1}
          miw="14rem"
          ff="monospace"
        />
        <Tooltip label={showLabel}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={showLabel}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? <IconEyeOff size={18} /> : <IconEye size={18} />}
          </ActionIcon>
        </Tooltip>
        <CopyButton text={token} label={t('api.token.copy')} />
        <Button variant="default" leftSection={<IconRefresh size={16} />} disabled={isBusy} onClick={onRenew}>
          {t('api.token.renew')}
        </Button>
      </Group>
      {!server.isTokenKept && (
        <Text size="xs" c="dimmed">
          {t('api.token.notKept')}
        </Text>
      )}
    </Stack>
  );
}

/** The line that is copied holds the token; the one that is shown does not. */
function Running({ baseUrl, token }: { baseUrl: string; token: string }) {
  const { t } = useTranslation('settings');
  const question = t('api.question');
  return (
    <>
      <Group align="flex-end" gap="xs">
        <TextInput label={t('api.address')} value={baseUrl} readOnly flex={1} ff="monospace" />
        <CopyButton text={baseUrl} label={t('api.copyAddress')} />
      </Group>
      <Stack gap={4}>
        <Group justify="space-between">
          <Text size="sm" fw={500}>
            {t('api.try')}
          </Text>
          <CopyButton text={curlLine({ baseUrl, token, question })} label={t('api.copyTry')} />
        </Group>
        <Code block tabIndex={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {curlLine({ baseUrl, token: '…', question })}
        </Code>
      </Stack>
    </>
  );
}
