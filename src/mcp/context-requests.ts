import { getPrompt, listPrompts } from './prompts.ts';
import { listResources, listTemplates, type ResourceContext, readResource } from './resources.ts';
import type { AnswerContext } from './server.ts';

/** Answers requests for prompts and resources, on a server with valid settings. */
export function contextRequests(context: ResourceContext): AnswerContext {
  return async (request) => {
    switch (request.method) {
      case 'prompts/list':
        return listPrompts(context);
      case 'prompts/get':
        return getPrompt(request.params.name, request.params.arguments ?? {}, context);
      case 'resources/list':
        return listResources(context);
      case 'resources/templates/list':
        return listTemplates();
      case 'resources/read':
        return readResource(request.params.uri, context);
    }
  };
}
