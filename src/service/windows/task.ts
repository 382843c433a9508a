/** A task that runs the agent when Windows starts, for the Task Scheduler. */
import { LOCAL_SERVICE } from './account.ts';
import { argumentsOf, xmlText, type ServiceCommand } from './command.ts';

/** By which a registered task is known as healthd's own. */
export const TASK_MARK = 'healthd service install --task';

/** Without a limit on its time, also on batteries, started again after a failure. */
export function taskDefinition(service: ServiceCommand): string {
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Source>${TASK_MARK}</Source>
    <Description>Health monitoring and alerting</Description>
    <Documentation>${xmlText(service.config ?? '')}</Documentation>
  </RegistrationInfo>
  <Triggers>
    <BootTrigger>
      <Delay>PT30S</Delay>
    </BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>${LOCAL_SERVICE.sid}</UserId>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>255</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${xmlText(service.command[0])}</Command>
      <Arguments>${xmlText(argumentsOf(service, 'run'))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** @returns undefined if it is not a task that healthd has registered; `config` is undefined if none was named */
export function parseTask(xml: string): { readonly config: string | undefined } | undefined {
  if (!xml.includes(`<Source>${TASK_MARK}</Source>`)) return undefined;
  const config = /<Documentation>([^<]*)<\/Documentation>/.exec(xml)?.[1] ?? '';
  const text = config
    .replaceAll('&quot;', '"')
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
  return { config: text === '' ? undefined : text };
}
