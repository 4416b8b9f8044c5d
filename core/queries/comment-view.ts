import * as z from 'zod';
import type { Comment } from '../cases/comment.ts';
import { iso } from '../clock-units.ts';
import { contentId, named, time, type View } from './view-schema.ts';

export const commentViewSchema = z
  .strictObject({ id: contentId, by: z.string(), at: time, text: z.string() })
  .register(named, { id: 'Comment' });
export type CommentView = View<typeof commentViewSchema>;

export function commentView({ id, by, atMs, text }: Comment): CommentView {
  return { id, by, at: iso(atMs), text };
}
