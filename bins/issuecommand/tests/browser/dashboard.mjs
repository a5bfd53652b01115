// Proves the dashboard in Chromium. The test starts a service, gives its address and key, and restarts it when it is asked to by a
// line on standard output. What fails ends this program with an error.
import { chromium } from 'playwright-core'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import assert from 'node:assert/strict'

const { BASE, KEY, OUT, CHROMIUM } = process.env
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
/// Asks the test for something, and waits until it is done.
const please = async what => { console.log(what); return (await lines.next()).value }
const api = async (method, path, body) => {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
  const answer = await fetch(BASE + path, { method, headers, body: body && JSON.stringify(body) })
  return answer.json()
}

const screens = {
  now: '/ui', issues: '/ui/issues?state=ready', blocked: '/ui/issues?state=blocked', held: '/ui/issues?state=held',
  issue: '/ui/i/acme/web/1', free: '/ui/i/acme/web/3', feedback: '/ui/feedback', agents: '/ui/agents', agent: '/ui/a/claude-a',
  events: '/ui/events', system: '/ui/system', release: '/ui/act/release?repo=acme%2Fweb&number=1', key: '/ui/act/make-key',
  empty: '/ui/issues?state=all&q=nothing+has+this+title', keyless: '/ui/nowhere',
}
const looks = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 860 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 860 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
}

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
const errors = []
/// While the service is down, errors are what the browser should have.
let isDown = false
/// A page whose errors count.
const open = async options => {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.on('console', message => {
    // The browser also writes down each answer that is no success, which some tests ask for.
    if (isDown || !['error', 'warning'].includes(message.type()) || /status of 4\d\d/.test(message.text())) return
    errors.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', error => errors.push(String(error)))
  return page
}
const signIn = async page => {
  await page.goto(BASE + '/ui')
  // By keyboard alone.
  await page.keyboard.type(KEY)
  await page.keyboard.press('Enter')
  await page.waitForSelector('#region')
}
const live = page => page.waitForSelector('.live.on', { timeout: 10000 })
const step = async (name, run) => { const began = Date.now(); await run(); console.error(`${name}: ${Date.now() - began} ms`) }

await step('every screen', async () => {
  for (const [look, options] of Object.entries(looks)) {
    const page = await open(options)
    for (const path of ['/ui/sign-in', null]) {
      if (path === null) await signIn(page)
      else await page.goto(BASE + path)
      const places = path === null ? Object.entries(screens) : [['sign-in', path]]
      for (const [name, place] of places) {
        await page.goto(BASE + place)
        if (path === null && await page.$('[hx-sse\\:connect]')) await live(page)
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        assert.ok(wide <= 0, `${name} ${look} scrolls sideways by ${wide} px`)
        await page.evaluate(axe)
        const found = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
        const told = found.violations.map(it => `${it.id}: ${it.nodes.map(node => node.html).slice(0, 3).join(' | ')}`)
        assert.deepEqual(told, [], `${name} ${look}`)
        await page.screenshot({ path: `${OUT}/${name}-${look}.png`, fullPage: true })
      }
    }
    await page.context().close()
  }
})

const page = await open(looks.light)
await signIn(page)

await step('typed text and focus stay over 100 pushes', async () => {
  await page.goto(BASE + '/ui')
  await live(page)
  await page.fill('#q', 'half a na')
  await page.focus('#q')
  await page.evaluate(() => { window.pushes = 0; document.getElementById('region').addEventListener('htmx:sse:after:message', () => window.pushes++) })
  await page.evaluate(() => { window.first = document.getElementById('region').firstElementChild })
  let n = 0
  while (await page.evaluate(() => window.pushes) < 100) {
    await api('POST', '/api/work', { action: n % 2 ? 'resume' : 'pause', agent_id: 'nobody-there', note: `push ${n}` })
    n++
    await page.waitForTimeout(150)
  }
  assert.equal(await page.inputValue('#q'), 'half a na')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'q')
  await page.keyboard.type('me')
  assert.equal(await page.inputValue('#q'), 'half a name')
})

await step('what happens is seen at once', async () => {
  await page.goto(BASE + '/ui/events')
  await live(page)
  const note = `seen ${Date.now()}`
  await api('POST', '/api/work', { action: 'pause', agent_id: 'nobody-there', note })
  await page.waitForSelector(`text=${note}`, { timeout: 3000 })
})

await step('pause is pause', async () => {
  await page.keyboard.press('r')
  await page.waitForSelector('text=paused since')
  const note = `unseen ${Date.now()}`
  await api('POST', '/api/work', { action: 'resume', agent_id: 'nobody-there', note })
  await page.waitForTimeout(2500)
  assert.equal(await page.$(`text=${note}`), null)
  await page.keyboard.press('r')
  await page.waitForSelector(`text=${note}`, { timeout: 5000 })
  await live(page)
})

await step('after a cut it is plain that the page is not live', async () => {
  await page.goto(BASE + '/ui')
  await live(page)
  isDown = true
  await please('stop')
  await page.waitForSelector('text=not live since', { timeout: 9000 })
  await page.screenshot({ path: `${OUT}/not-live.png` })
  await please('start')
  await page.waitForSelector('.live.on', { timeout: 5000 })
  isDown = false
  const region = page => page.evaluate(() => {
    const copy = document.getElementById('region').cloneNode(true)
    copy.querySelectorAll('time[data-age]').forEach(time => { time.textContent = '' })
    return copy.innerHTML.replace(/ class=""/g, '').replace(/\s+/g, ' ')
  })
  await page.waitForTimeout(1500)
  const kept = await region(page)
  const fresh = await open(looks.light)
  await fresh.context().addCookies(await page.context().cookies())
  await fresh.goto(BASE + '/ui')
  assert.equal(kept, await region(fresh))
  await fresh.context().close()
})

/// Presses Tab until a link or button with this text has the focus.
const tabTo = async text => {
  for (let n = 0; n < 200; n++) {
    await page.keyboard.press('Tab')
    const found = await page.evaluate(text => document.activeElement.textContent.trim().startsWith(text), text)
    if (found) return
  }
  assert.fail(`no way to ${text} by keyboard`)
}

await step('release and give by keyboard alone', async () => {
  await page.goto(BASE + '/ui/i/acme/web/1')
  await live(page)
  await tabTo('Give to…')
  await page.keyboard.press('Enter')
  await page.waitForSelector('h1:has-text("Give")')
  await page.focus('#f-to_agent_id')
  await page.keyboard.type('codex-9')
  await page.keyboard.press('Enter')
  await page.waitForSelector('text=codex-9 has acme/web#1 now')
  await tabTo('Release…')
  await page.keyboard.press('Enter')
  await page.waitForSelector('h1:has-text("Release")')
  await tabTo('Release it')
  await page.keyboard.press('Enter')
  await page.waitForSelector('text=is offered again')
  const history = await api('GET', '/api/claims?agent_id=codex-9')
  assert.deepEqual(history.claims, [])
})

await step('a key is made and revoked by keyboard alone', async () => {
  await page.goto(BASE + '/ui/system')
  await live(page)
  await tabTo('Make a key…')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#f-name')
  await page.focus('#f-name')
  await page.keyboard.type('from-the-keyboard')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#secret')
  const secret = await page.textContent('#secret')
  const asked = () => fetch(BASE + '/api/health', { headers: { authorization: `Bearer ${secret}` } })
  assert.equal((await asked()).status, 200)
  await tabTo('Done')
  await page.keyboard.press('Enter')
  await page.waitForSelector('text=from-the-keyboard')
  await tabTo('Revoke…')
  await page.keyboard.press('Enter')
  await tabTo('Revoke it')
  await page.keyboard.press('Enter')
  await page.waitForSelector('text=lets nobody in any more')
  assert.equal((await asked()).status, 401)
})

await step('signing out and in by keyboard alone', async () => {
  await page.goto(BASE + '/ui')
  await tabTo('Sign out')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#key')
  await page.keyboard.type(KEY)
  await page.keyboard.press('Enter')
  await page.waitForSelector('#region')
})

await step('keys lead to screens', async () => {
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  await page.waitForURL('**/ui/issues')
  await page.keyboard.press('/')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'q')
  await page.keyboard.press('Escape')
  await page.evaluate(() => document.activeElement.blur())
  await page.keyboard.press('?')
  assert.ok(await page.isVisible('#keys'))
})

await browser.close()
assert.deepEqual(errors, [], 'errors of the console')
