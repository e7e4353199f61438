import { join, normalize, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { net, protocol } from 'electron';

/** The window's own origin: a scheme of ours instead of file://, so that it can be told from everything else. */
const scheme = 'partyline-app';
export const appOrigin = `${scheme}://window`;
export const appPage = `${appOrigin}/index.html`;

/** No network, no inline script, no eval; sound comes from the WebRTC leg and from what the window makes itself. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "media-src 'self' blob: mediastream:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Must run before the app is ready. */
export function announceAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built window from `folder` and nothing outside it. */
export function serveAppScheme(folder: string): void {
  protocol.handle(scheme, async (request) => {
    const { pathname } = new URL(request.url);
    const file = normalize(join(folder, decodeURIComponent(pathname)));
    if (!file.startsWith(folder + sep)) return new Response(null, { status: 403 });
    try {
      const served = await net.fetch(pathToFileURL(file).toString());
      const headers = new Headers(served.headers);
      headers.set('Content-Security-Policy', contentSecurityPolicy);
      headers.set('X-Content-Type-Options', 'nosniff');
      return new Response(served.body, { status: served.status, headers });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
}
