// What pages do besides htmx: say whether they are live, count ages on, and listen to keys.
(() => {
  const doc = document, at = id => doc.getElementById(id)
  const state = at('live'), region = at('region'), button = at('pause')
  let last = Date.now(), paused = false, since = ''
  const show = (name, text) => {
    const words = state.querySelector('span')
    state.className = 'live ' + name
    if (words.textContent !== text) words.textContent = text
  }
  const heard = () => { last = Date.now(); since = ''; if (!paused) show('on', 'live') }
  const clock = time => new Date(time).toTimeString().slice(0, 8)
  const stream = () => region._htmx && region._htmx.sse
  const connect = () => stream() || region.dispatchEvent(new CustomEvent('connect'))
  const pause = () => {
    paused = !paused
    const open = stream()
    if (paused && open) {
      open.reader?.cancel()
      open.delayCanceller?.()
    }
    last = Date.now()
    show('', paused ? 'paused since ' + clock(last) : 'connecting')
    if (!paused) connect()
    button.textContent = paused ? 'Go on' : 'Pause'
    button.setAttribute('aria-pressed', paused)
  }
  if (button) {
    show('', 'connecting')
    region.addEventListener('ping', heard)
    region.addEventListener('htmx:sse:after:message', heard)
    region.addEventListener('ended', () => location.reload())
    region.addEventListener('htmx:sse:before:connection', e => { if (paused) e.detail.connection.cancelled = true })
    setInterval(() => {
      if (paused || Date.now() - last < 5000) return
      since = since || clock(last)
      show('off', 'not live since ' + since)
      connect()
    }, 1000)
    button.hidden = false
    button.addEventListener('click', pause)
  }
  const age = s => s < 60 ? s + ' s' : s < 3600 ? (s / 60 | 0) + ' min' : s < 86400
    ? (s / 3600 | 0) + ' h ' + (s % 3600 / 60 | 0) + ' min' : (s / 86400 | 0) + ' d ' + (s % 86400 / 3600 | 0) + ' h'
  const skew = Date.parse(doc.body.dataset.now) - Date.now()
  if (skew === skew) setInterval(() => doc.querySelectorAll('time[data-age]').forEach(t => {
    t.textContent = age(Math.max(0, (Date.now() + skew - Date.parse(t.dateTime)) / 1000 | 0))
  }), 1000)
  const places = { n: '', i: '/issues', f: '/feedback', a: '/agents', e: '/events', s: '/system' }
  let g = false
  doc.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input,textarea,select')) return
    const was = g, q = at('q'), keys = at('keys')
    g = e.key === 'g'
    if (was && e.key in places) location.href = '/ui' + places[e.key]
    else if (e.key === '/' && q) { e.preventDefault(); q.focus() }
    else if (e.key === 'r' && button) pause()
    else if (e.key === '?' && keys) keys.showModal()
  })
  doc.addEventListener('click', e => {
    const copy = e.target.closest('[data-copy]')
    if (copy) navigator.clipboard.writeText(at(copy.dataset.copy).textContent).then(() => { copy.textContent = 'Copied' })
  })
})()
