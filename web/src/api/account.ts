/** The account of the person who is signed in. */
import { send } from './http';
import { replacing } from './path';

export async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
  await send(replacing('/api/user/password'), { method: 'PUT', body: { oldPassword, newPassword }, stay: true });
}
