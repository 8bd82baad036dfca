# The team server. It listens on all addresses of its container, so it needs AuthKit: docs/teams.md.
FROM node:24-slim AS build
WORKDIR /build
COPY . .
RUN npm ci && npm run build

FROM node:24-slim
ENV NODE_ENV=production \
    WORKOS_MCP_HTTP_HOST=0.0.0.0 \
    WORKOS_MCP_HTTP_PORT=8787 \
    WORKOS_MCP_OUTPUT_DIR=/tmp/workos-mcp
WORKDIR /app
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/dist ./dist
# Writes nothing but to /tmp, so the file system can be read-only.
USER node
EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.WORKOS_MCP_HTTP_PORT + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/index.js"]
CMD ["http"]
