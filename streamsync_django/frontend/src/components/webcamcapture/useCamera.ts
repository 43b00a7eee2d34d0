import { onBeforeUnmount, shallowRef, type ShallowRef } from "vue";

import { fill, texts } from "../../core/texts";

export interface CameraDevice {
  readonly id: string;
  readonly label: string;
}

export interface Camera {
  readonly isOn: ShallowRef<boolean>;
  readonly isStarting: ShallowRef<boolean>;
  readonly devices: ShallowRef<readonly CameraDevice[]>;
  readonly deviceId: ShallowRef<string>;
  readonly problem: ShallowRef<string | null>;
  /** Ask for the camera and show it; true when it runs. */
  readonly start: (video: HTMLVideoElement, deviceId?: string) => Promise<boolean>;
  readonly stop: () => void;
  /** The picture of this moment as PNG, in the size of the camera; null when there is none. */
  readonly take: (video: HTMLVideoElement) => Promise<Blob | null>;
}

/** The visitor's camera; let go of when the component goes. */
export function useCamera(): Camera {
  const isOn = shallowRef(false);
  const isStarting = shallowRef(false);
  const devices = shallowRef<readonly CameraDevice[]>([]);
  const deviceId = shallowRef("");
  const problem = shallowRef<string | null>(null);
  let stream: MediaStream | null = null;
  let newest = 0;

  async function start(video: HTMLVideoElement, wanted = deviceId.value): Promise<boolean> {
    stop();
    const mine = ++newest;
    problem.value = null;
    // Typed as always there, but pages without a secure context have none.
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (!media) {
      problem.value = texts.cameraNeedsHttps;
      return false;
    }
    isStarting.value = true;
    try {
      const opened = await media.getUserMedia({ video: wanted ? { deviceId: { exact: wanted } } : true });
      if (mine !== newest) {
        release(opened);
        return false;
      }
      stream = opened;
      const [track] = opened.getVideoTracks();
      track?.addEventListener("ended", stop);
      deviceId.value = track?.getSettings().deviceId ?? wanted;
      video.srcObject = opened;
      await video.play();
      devices.value = cameras(await media.enumerateDevices());
      isOn.value = true;
      return true;
    } catch (error) {
      if (mine === newest) {
        stop();
        problem.value = explain(error);
      }
      return false;
    } finally {
      if (mine === newest) isStarting.value = false;
    }
  }

  function stop(): void {
    newest++;
    if (stream) release(stream);
    stream = null;
    isOn.value = isStarting.value = false;
  }

  onBeforeUnmount(stop);
  return { isOn, isStarting, devices, deviceId, problem, start, stop, take };
}

function take(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  if (canvas.width === 0) return Promise.resolve(null);
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, "image/png");
  });
}

function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function cameras(devices: readonly MediaDeviceInfo[]): CameraDevice[] {
  return devices
    .filter(({ kind }) => kind === "videoinput")
    .map(({ deviceId, label }, at) => ({
      id: deviceId,
      label: label || fill(texts.cameraNumber, { number: at + 1 }),
    }));
}

function explain(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError") return texts.cameraNotAllowed;
  if (name === "NotFoundError" || name === "OverconstrainedError") return texts.noCamera;
  if (name === "NotReadableError") return texts.cameraBusy;
  return texts.cameraFailed;
}
