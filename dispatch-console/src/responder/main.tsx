import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { Refused } from "../api/http";
import { begin } from "../i18n";
import { beginTheme } from "../ui/theme";
import "../ui/tokens.css";
import { App } from "./app";
import { keepWords } from "./words";

beginTheme();
begin();
keepWords();

const retry = (tries: number, why: Error) => !(why instanceof Refused) && tries < 3;
const queries = new QueryClient({ defaultOptions: { queries: { retry, staleTime: 5_000 } } });

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>,
  );
}

// Only over a safe line, or on this machine; elsewhere the page works and cannot be installed.
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("/responder/sw.js", { scope: "/responder/" }).catch(() => undefined);
