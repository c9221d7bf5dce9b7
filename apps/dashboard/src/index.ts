export * from './startDashboard.ts';
