export * from './app.ts';
export * from './bearerToken.ts';
export * from './createLogger.ts';
export * from './createMetrics.ts';
export * from './readiness.ts';
export * from './redactText.ts';
export * from './runApp.ts';
export * from './startTelemetryServer.ts';
