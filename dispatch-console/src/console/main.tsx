import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { Refused } from "../api/http";
import { begin } from "../i18n";
import "../ui/tokens.css";
import { beginTheme } from "../ui/theme";
import { App } from "./app";

beginTheme();
begin();

/** A refusal will not change by asking again; a lost line may. */
const retry = (tries: number, why: Error) => !(why instanceof Refused && why.status < 500) && tries < 3;
const queries = new QueryClient({ defaultOptions: { queries: { retry, refetchOnWindowFocus: false, staleTime: 2_000 } } });

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>,
  );
}
