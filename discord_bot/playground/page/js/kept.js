// What this browser keeps of the workshop over a reload: IndexedDB, because pictures are too large for the simpler storage.

const NAME = "playground";
const STORE = "kept";

const opened = new Promise((resolve) => {
  const asked = indexedDB.open(NAME, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => resolve(null); // such as in a private window: then nothing is kept
});

export async function kept(key) {
  const database = await opened;
  if (!database) return undefined;
  return new Promise((resolve) => {
    const asked = database.transaction(STORE).objectStore(STORE).get(key);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => resolve(undefined);
  });
}

export async function keep(key, value) {
  const database = await opened;
  database?.transaction(STORE, "readwrite").objectStore(STORE).put(value, key);
}
