/** Runs before the first paint: sets the theme, and starts fetching a dashboard that does not come with its page while the code still loads. */
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
  const boot = document.getElementById('boot');
  if (dashboard && !(boot && 'opening' in boot.dataset)) {
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
