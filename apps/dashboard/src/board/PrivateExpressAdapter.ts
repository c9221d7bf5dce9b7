import type { AppViewRoute } from '@bull-board/api/typings/app';
import { ExpressAdapter } from '@bull-board/express';
import type { Express, Response } from 'express';

/** Bull Board's adapter, without the fonts that its page would fetch from another company's server. */
export class PrivateExpressAdapter extends ExpressAdapter {
  override setEntryRoute(route: AppViewRoute): this {
    const app = this.getRouter() as Express;
    app.get(route.route, (_request, response: Response, next) => {
      const { name, params } = route.handler({ basePath: this.basePath, uiConfig: this.uiConfig });
      response.render(name, params, (error: Error | null, page: string) => {
        if (error !== null) return next(error);
        return response.set('Cache-Control', 'no-store').send(page.replace(/<link href="https:[^>]*>/g, ''));
      });
    });
    return this;
  }
}
