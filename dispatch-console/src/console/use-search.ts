// What the service finds for what somebody types, a moment after they stop.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { search, type Found } from "../api/people";

const PAUSE_MS = 120;

export function useSearch(text: string): { found: Found | null; failed: boolean } {
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const answer = useQuery({ queryKey: ["search", asked], queryFn: () => search(asked), enabled: asked.length > 0, placeholderData: (old) => old });
  return { found: asked ? (answer.data ?? null) : null, failed: answer.isError };
}
