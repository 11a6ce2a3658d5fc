/** The account of the person who is signed in. */
import { call } from './client';

export async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
  await call('PUT /api/user/password', { body: { oldPassword, newPassword }, stay: true });
}
