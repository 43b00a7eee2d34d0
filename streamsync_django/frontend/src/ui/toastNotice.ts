/** One message to the visitor, as toasts and the bell show it. */
export interface ToastNotice {
  readonly id: number;
  readonly kind: "info" | "success" | "warning" | "error";
  readonly title: string;
  readonly message?: string;
  readonly time: Date;
}
