/** Contact points and policies of Grafana. Addresses come from Grafana's environment; the files hold no secrets. */

const CONTACT = 'healthd';

export const contactPoints = {
  apiVersion: 1,
  contactPoints: [
    {
      orgId: 1,
      name: CONTACT,
      receivers: [
        {
          uid: 'healthd-email',
          type: 'email',
          settings: { addresses: '${HEALTHD_ALERT_EMAIL}', singleEmail: true },
          disableResolveMessage: false,
        },
      ],
    },
  ],
};

export const policies = {
  apiVersion: 1,
  policies: [
    {
      orgId: 1,
      receiver: CONTACT,
      group_by: ['grafana_folder', 'host', 'check'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [{ receiver: CONTACT, object_matchers: [['severity', '=', 'critical']], repeat_interval: '1h' }],
    },
  ],
};
