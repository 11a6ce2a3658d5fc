/** What the server wrote into the page: who is signed in, and settings. */
interface Boot {
  user: { login: string; name: string; email: string; orgRole: string; isGrafanaAdmin: boolean; mustChangePassword: boolean };
  settings: { version: string; theme: 'system' | 'light' | 'dark'; timezone: string; /** Where remote write and PromQL are served; null: nowhere. */ metricsPort: number | null };
}

const empty: Boot = {
  user: { login: '', name: '', email: '', orgRole: '', isGrafanaAdmin: false, mustChangePassword: false },
  settings: { version: '', theme: 'system', timezone: 'browser', metricsPort: 9090 },
};

function read(): Boot {
  const element = document.getElementById('boot');
  if (!element?.textContent) return empty;
  try {
    const data = JSON.parse(element.textContent) as Partial<Boot>;
    return { user: { ...empty.user, ...data.user }, settings: { ...empty.settings, ...data.settings } };
  } catch {
    return empty;
  }
}

export const boot: Boot = read();
