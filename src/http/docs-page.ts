/** A file of Swagger UI, as npm's `swagger-ui-dist` has it. */
export interface SwaggerUiFile {
  readonly name: string;
  readonly contentType: string;
  /** What a browser checks the file of the pinned version against. */
  readonly integrity: string;
}

const version = '5.35.0';

export const swaggerUiFiles = {
  styles: {
    name: 'swagger-ui.css',
    contentType: 'text/css; charset=utf-8',
    integrity: 'sha384-WlYgdmXYOOBWL5apwjDEZwN+U3HmXSSu5R6V5aGxEcf7z+KuRNwBhoxKVN1i3D5I',
  },
  bundle: {
    name: 'swagger-ui-bundle.js',
    contentType: 'text/javascript; charset=utf-8',
    integrity: 'sha384-gjRm0bEPMeTmMh5jT2cHccIwCUZSTd8YC+j0d0sXw0MdGEfScduGpSyF3ZSSLkX9',
  },
} as const satisfies Record<string, SwaggerUiFile>;

/**
 * Writes the page of the API reference. It takes Swagger UI from beside itself (`local`) or from
 * jsDelivr, and the document from the folder that it is in itself, so that it works under any
 * prefix; the calls that it makes go there too.
 */
export function writeDocsPage({ local }: { readonly local: boolean }): string {
  const from = ({ name, integrity }: SwaggerUiFile): string =>
    local
      ? `"docs/${name}"`
      : `"https://cdn.jsdelivr.net/npm/swagger-ui-dist@${version}/${name}" integrity="${integrity}" crossorigin="anonymous"`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Kedro Server - Swagger UI</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href=${from(swaggerUiFiles.styles)}>
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src=${from(swaggerUiFiles.bundle)}></script>
    <script>
      const folder = new URL('.', location.href).pathname.replace(/\\/$/, '');
      fetch(folder + '/openapi.json')
        .then((response) => response.json())
        .then((spec) => {
          if (folder !== '') spec.servers = [{ url: folder }];
          SwaggerUIBundle({
            spec,
            dom_id: '#swagger-ui',
            deepLinking: true,
            showExtensions: true,
            showCommonExtensions: true,
          });
        })
        .catch((error) => {
          document.getElementById('swagger-ui').textContent = 'The API document could not be loaded: ' + error;
        });
    </script>
  </body>
</html>
`;
}
