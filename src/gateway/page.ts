/** Nothing may be loaded, run, framed or sent from a page of the gateway. */
export const STRICT_CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What the welcome page adds to the headers of every answer. */
export const WELCOME_HEADERS: Readonly<Record<string, string>> = { 'Content-Security-Policy': STRICT_CSP };

/** What a person sees who opens the gateway's address in a browser. Constant: nothing that a caller chose is in it. */
export const WELCOME_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>offhook gateway</title></head>
<body>
<h1>offhook</h1>
<p>This is the gateway of offhook, a computer telephony integration: the calls of a PBX for trays, panels and programs.</p>
<ul>
<li><a href="/openapi.json">/openapi.json</a>: the HTTP routes</li>
<li><a href="/asyncapi.json">/asyncapi.json</a>: the WebSocket at /v1/ws, its events and methods</li>
<li><a href="/healthz">/healthz</a>: is it well?</li>
</ul>
</body>
</html>
`;
