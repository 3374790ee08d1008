import { type ComponentType, render } from "preact";

type Props = Record<string, unknown>;
const components = new Map<string, ComponentType<Props>>();
const mounted = new Map<Element, ComponentType<Props>>();

/** Offers a component to the mount points `<div data-mount="name">` that the Python page lays out. */
export function register<P extends object = object>(name: string, component: ComponentType<P>): void {
  components.set(name, component as unknown as ComponentType<Props>);
  scan();
}

/** Fills every mount point whose component is known, and clears those that have left the page. */
export function scan(): void {
  for (const element of mounted.keys()) {
    if (element.isConnected) continue;
    render(null, element);
    mounted.delete(element);
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-mount]")) {
    const Component = components.get(element.dataset.mount ?? "");
    if (!Component || mounted.get(element) === Component) continue;
    mounted.set(element, Component);
    const props = JSON.parse(element.dataset.props ?? "{}") as Props;
    render(<Component {...props} />, element);
  }
}

/** Watches the page: Gradio lays out its components some time after our modules have run. */
export function observe(): void {
  new MutationObserver((records) => {
    if (records.some((record) => record.addedNodes.length > 0 || record.removedNodes.length > 0)) scan();
  }).observe(document.body, { childList: true, subtree: true });
  scan();
}
