/** Where the config and the state live when nobody says so: by environment and platform. */

type Env = Readonly<Record<string, string | undefined>>;
/** What the environment does not tell. */
export type Host = { readonly platform: NodeJS.Platform; readonly root: boolean };

const PROGRAM = 'ddns-update';
export const ENDINGS = ['json', 'yaml', 'yml', 'toml'] as const;

/** Folders that may hold `config.*`, the first that does wins. */
export function configFolders(env: Env, { platform, root }: Host): readonly string[] {
  const ofUnit = absolute(env['CONFIGURATION_DIRECTORY']?.split(':')[0], platform);
  const home = homeOf(env);
  if (platform === 'win32') {
    const roaming = env['APPDATA'] ?? (home === undefined ? undefined : `${home}\\AppData\\Roaming`);
    return [...present(ofUnit), ...present(roaming && `${roaming}\\${PROGRAM}`), ...present(env['ProgramData'] && `${env['ProgramData']}\\${PROGRAM}`)];
  }
  const chosen = absolute(env['XDG_CONFIG_HOME'], platform);
  if (root || home === undefined) return [...present(ofUnit), ...present(chosen && `${chosen}/${PROGRAM}`), `/etc/${PROGRAM}`];
  const library = platform === 'darwin' && chosen === undefined ? [`${home}/Library/Application Support/${PROGRAM}`] : [];
  return [...present(ofUnit), `${chosen ?? `${home}/.config`}/${PROGRAM}`, ...library];
}

/** What is remembered: `flag` (`--state`), `DDNS_UPDATE_STATE`, systemd's folder, the platform's. */
export function stateFolder(flag: string | undefined, env: Env, { platform, root }: Host): string {
  // systemd lists several folders with colons; on Windows a colon follows the drive.
  const ofUnit = absolute(env['STATE_DIRECTORY']?.split(':')[0], platform);
  const chosen = flag ?? nonEmpty(env['DDNS_UPDATE_STATE']) ?? ofUnit;
  if (chosen !== undefined) return chosen;
  const home = homeOf(env);
  if (platform === 'win32') return `${env['LOCALAPPDATA'] ?? (home === undefined ? 'C:\\ProgramData' : `${home}\\AppData\\Local`)}\\${PROGRAM}\\state`;
  const xdg = absolute(env['XDG_STATE_HOME'], platform);
  if (xdg !== undefined && !root) return `${xdg}/${PROGRAM}`;
  if (root || home === undefined) return `/var/lib/${PROGRAM}`;
  return platform === 'darwin' ? `${home}/Library/Application Support/${PROGRAM}/state` : `${home}/.local/state/${PROGRAM}`;
}

const nonEmpty = (value: string | undefined): string | undefined => (value === undefined || value === '' ? undefined : value);
const homeOf = (env: Env): string | undefined => nonEmpty(env['HOME']) ?? nonEmpty(env['USERPROFILE']);
const present = (folder: string | undefined): readonly string[] => (folder ? [folder] : []);
/** The XDG specification has relative paths ignored. */
const absolute = (folder: string | undefined, platform: NodeJS.Platform): string | undefined => (folder && (folder.startsWith('/') || platform === 'win32') ? folder : undefined);
