/** The account of the person who is signed in. */
import { send } from './http';

export async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
  await send('/api/user/password', { method: 'PUT', body: { oldPassword, newPassword }, stay: true });
}
