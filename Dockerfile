# One image for every app: `docker run IMAGE scheduler`, `worker`, `dashboard`, or any other verb of `reindeer`.
# Node 24 runs TypeScript as it is, so nothing is compiled.

# The manifests alone, so that the packages are installed again only when one of these has changed.
FROM node:24-bookworm-slim AS manifests
WORKDIR /repository
COPY . .
RUN mkdir /manifests && cp --parents package.json package-lock.json .npmrc apps/*/package.json packages/*/package.json /manifests

# What is optional is the PostgreSQL that `reindeer dev` and `reindeer demo` bring along, and compilers' output that
# JavaScript stands in for. No install script runs. An .npmrc may hold a registry's token, and has no place in the image.
FROM node:24-bookworm-slim AS modules
WORKDIR /app
COPY --from=manifests /manifests ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --omit=optional --ignore-scripts \
 && rm .npmrc \
 && find . \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -type f -delete

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    LANG=C.UTF-8
WORKDIR /app
# With the node_modules of single apps, where two need different versions.
COPY --from=modules /app ./
COPY LICENSE ./
COPY packages packages
COPY apps apps
RUN ln -s /app/apps/cli/bin/reindeer.mjs /usr/local/bin/reindeer
# The number and not the name, so that Kubernetes can see that it is not root. It owns nothing in the image.
USER 1000:1000
# Metrics and health of schedulers and workers; the dashboard.
EXPOSE 9464 3000
STOPSIGNAL SIGTERM
# A worker whose lease is not renewed answers 503: others take its slices over, and it does no more work.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "/app/apps/cli/bin/healthcheck.mjs"]
ENTRYPOINT ["reindeer"]
CMD ["--help"]
