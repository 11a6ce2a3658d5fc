/** Runs before the first paint: sets the theme, and on a dashboard's page starts fetching it while the code still loads. */
(() => {
  const root = document.documentElement;
  let theme = 'system';
  try {
    theme = localStorage.getItem('orrery.theme') || theme;
  } catch {
    // Storage can be forbidden; the system's theme is right then.
  }
  if (theme === 'system') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  root.dataset.theme = theme;
  const dashboard = /^\/d(?:-solo)?\/([^/]+)/.exec(location.pathname);
  if (dashboard) {
    const url = `/api/ui/dashboards/${dashboard[1]}`;
    let uid;
    try {
      uid = decodeURIComponent(dashboard[1]);
    } catch {
      // No address of a dashboard; the page says so.
      return;
    }
    window.orreryEarly = { uid, url, answer: fetch(url, { credentials: 'same-origin' }) };
    window.orreryEarly.answer.catch(() => undefined);
  }
})();
