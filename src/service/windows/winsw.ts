/** The configuration of WinSW, a service wrapper that some administrators already have. It reads `NAME.xml` beside its `NAME.exe`. */
import { LOCAL_SERVICE, SERVICE_NAME } from './account.ts';
import { argumentsOf, xmlText, type ServiceCommand } from './command.ts';

export function winswConfiguration(service: ServiceCommand): string {
  const node = xmlText(service.command[0]);
  return `<!-- Written by "healthd service install --winsw" -->
<service>
  <id>${SERVICE_NAME}</id>
  <name>${SERVICE_NAME}</name>
  <description>Health monitoring and alerting</description>
  <executable>${node}</executable>
  <startarguments>${xmlText(argumentsOf(service, 'run'))}</startarguments>
  <stopexecutable>${node}</stopexecutable>
  <stoparguments>${xmlText(argumentsOf(service, 'stop'))}</stoparguments>
  <stoptimeout>30 sec</stoptimeout>
  <startmode>Automatic</startmode>
  <delayedAutoStart>true</delayedAutoStart>
  <onfailure action="restart" delay="5 sec"/>
  <onfailure action="restart" delay="1 min"/>
  <log mode="roll"/>
  <serviceaccount>
    <username>${LOCAL_SERVICE.name}</username>
  </serviceaccount>
</service>
`;
}
