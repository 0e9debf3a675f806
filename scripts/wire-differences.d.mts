/** The page, from the text of the list. */
export function page(list: string): string;
