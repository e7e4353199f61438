import { type Profile, profile } from '../contract/profile.ts';

/** The station that practises: 5031, sharing Bob's 5041 and watching Carol and Ann. */
export const practiceProfile = (pbx: { readonly address: string; readonly port: number }): Profile =>
  profile.parse({
    pbx: { ...pbx, dialect: 'spa9000' },
    station: { name: 'User-A', displayName: 'User-A', localAddress: pbx.address },
    extensions: [
      { userId: '5031', password: 'pw5031', localPort: 5060 },
      { userId: '5031', sharedUserId: '5041', password: 'pw5031', bargeIn: true, localPort: 5061 },
    ],
    lineKeys: [
      { extension: 1, label: '5031' },
      { extension: 2, label: '5041' },
      { watch: '5061', extension: 1, label: 'Carol' },
      { watch: '5051', extension: 1, label: 'Ann' },
    ],
  });
