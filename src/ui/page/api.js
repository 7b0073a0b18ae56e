// The API as the page uses it. Every failure becomes an ApiError whose message a person can read.

export class ApiError extends Error {
  /** @param {{detail?: string, code?: string, remedy?: string}} problem RFC 9457 */
  constructor(problem) {
    super(problem.detail ?? 'The server refused without a reason.');
    this.code = problem.code ?? '';
    this.remedy = problem.remedy ?? null;
  }
}

export const readHealth = () => ask('GET', '/api/v1/health');
export const readLastReport = async () => (await ask('GET', '/api/v1/reports?limit=1')).reports[0] ?? null;
export const readOpenExamination = async () => (await ask('GET', '/api/v1/examinations')).examinations[0] ?? null;
export const orderExamination = (order) => ask('POST', '/api/v1/examinations', order);
export const cancelExamination = (id) => ask('DELETE', `/api/v1/examinations/${id}`);

/**
 * Calls `onRecord` at each change of an examination and `onLost` when its events end before it did.
 * The last record has a report or a problem.
 */
export function followExamination(id, onRecord, onLost) {
  const events = new EventSource(`/api/v1/examinations/${id}/events`);
  events.addEventListener('examination', (event) => {
    const record = JSON.parse(event.data);
    if (record.state !== 'queued' && record.state !== 'running') events.close();
    onRecord(record);
  });
  events.addEventListener('error', () => {
    events.close();
    onLost();
  });
}

async function ask(method, path, body) {
  const options = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {};
  let response;
  try {
    response = await fetch(path, { method, ...options });
  } catch {
    throw new ApiError({ code: 'page.gone', detail: 'The server of this page does not answer any more.' });
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(answer);
  return answer;
}
